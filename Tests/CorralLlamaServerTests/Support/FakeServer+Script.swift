extension FakeServer {
    /// The stand-in for llama-server.
    static let script = #"""
        #!/usr/bin/env python3
        import json, os, signal, socket, sys, threading, time

        HELP = """
        -h,    --help, --usage                  print usage and exit
        -m,    --model FNAME                    model path to load
        --host HOST                             IP addresses, or UNIX socket paths ending in .sock
        -c,    --ctx-size N                     size of the prompt context
        -b,    --batch-size N                   logical maximum batch size
        -ub,   --ubatch-size N                  physical maximum batch size
        -np,   --parallel N                     number of server slots
        -ctk,  --cache-type-k TYPE              KV cache data type for K
        -ctv,  --cache-type-v TYPE              KV cache data type for V
        -fa,   --flash-attn [on|off|auto]       set Flash Attention use
        -kvu,  --kv-unified, -no-kvu, --no-kv-unified
                                                use single unified KV buffer
        --embedding, --embeddings               restrict to only support embedding use case
        --rerank, --reranking                   enable reranking endpoint on server
        -t,    --threads N                      number of CPU threads
        """

        behaviour = os.environ.get("FAKE", "serves")
        if "--help" in sys.argv:
            print(HELP if behaviour != "old" else "--model FNAME   the model", file=sys.stderr)
            sys.exit(0)
        if "--version" in sys.argv:
            print("version: 0.6.0-dev (build 11434, commit unknown)", file=sys.stderr)
            sys.exit(0)

        path = sys.argv[sys.argv.index("--host") + 1]
        folder = os.environ["FAKE_FOLDER"]
        open(f"{folder}/pid.{os.getpid()}", "w").close()

        def say(state, **payload):
            line = json.dumps({"state": state, "payload": payload})
            print(f"cmd_child_to_router:state:{line}", flush=True)

        def log(text):
            print(text, file=sys.stderr, flush=True)

        def loading(value):
            say("loading", stages=["text_model"], current="text_model", value=value)

        healthy = threading.Event()
        asked = []

        def serve():
            server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            server.bind(path)
            server.listen(128)
            while True:
                connection, _ = server.accept()
                threading.Thread(target=converse, args=(connection,), daemon=True).start()

        def converse(connection):
            data = b""
            while True:
                while b"\r\n\r\n" not in data:
                    more = connection.recv(65536)
                    if not more:
                        return
                    data += more
                head, data = data.split(b"\r\n\r\n", 1)
                length = 0
                for field in head.split(b"\r\n")[1:]:
                    name, value = field.split(b":", 1)
                    if name.lower() == b"content-length":
                        length = int(value)
                while len(data) < length:
                    data += connection.recv(65536)
                body, data = data[:length], data[length:]
                answer(connection, head.split(b" ")[1].decode(), head, body)

        def reply(connection, status, body):
            connection.sendall(
                b"HTTP/1.1 %d X\r\nContent-Length: %d\r\nServer: fake\r\n"
                b"Access-Control-Allow-Origin: *\r\nX-Kept: yes\r\n\r\n" % (status, len(body)) + body)

        def chunk(connection, data):
            connection.sendall(b"%x\r\n%s\r\n" % (len(data), data))

        def answer(connection, route, head, body):
            if route == "/health":
                asked.append(route)
                if behaviour == "mute" and len(asked) == 3:
                    healthy.set()
                reply(connection, 200 if healthy.is_set() else 503, b"{}")
            elif route == "/head":
                reply(connection, 200, head)
            elif route == "/leaves":
                # As llama-server after a stream: promises to stay, and does not.
                reply(connection, 200, b"bye")
                connection.shutdown(socket.SHUT_RDWR)
            elif route == "/echo":
                reply(connection, 200, body)
            elif route == "/redirect":
                connection.sendall(
                    b"HTTP/1.1 302 X\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
            elif route == "/steps":
                # Sends the next part only when the file for it is there.
                connection.sendall(b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n")
                fifo = f"{folder}/steps"
                with open(fifo) as steps:
                    for step in steps:
                        chunk(connection, step.encode())
                connection.sendall(b"0\r\n\r\n")
            elif route == "/endless":
                connection.sendall(b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n")
                try:
                    while True:
                        chunk(connection, b"x" * 1024)
                except OSError:
                    # The other side is gone: say so to whoever reads.
                    with open(f"{folder}/gone", "w") as gone:
                        gone.write("gone\n")
            elif route == "/waits":
                # Answers nothing, and says when the other side has gone.
                with open(f"{folder}/asked", "w") as begun:
                    begun.write("asked\n")
                connection.recv(1)
                with open(f"{folder}/gone", "w") as gone:
                    gone.write("gone\n")
            elif route == "/segfault":
                log("0.00.001.000 E srv: something broke")
                os.kill(os.getpid(), signal.SIGSEGV)
            elif route == "/cut":
                connection.sendall(b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n")
                chunk(connection, b"first")
                with open(f"{folder}/steps") as steps:
                    steps.read()
                os.kill(os.getpid(), signal.SIGKILL)
            else:
                reply(connection, 404, b"{}")

        def wait_for_end():
            for line in sys.stdin:
                if line == "cmd_router_to_child:exit\n":
                    os._exit(0)
            os._exit(1)

        if behaviour == "dies":
            log("0.00.008.000 I srv: loading model")
            log("0.00.010.140 E gguf_init_from_reader: invalid magic characters: 'garb', expected 'GGUF'")
            sys.exit(1)
        if behaviour == "talks then dies":
            for number in range(1000):
                log(f"0.00.000.001 I line {number}")
            log("0.00.000.002 E common: failed to allocate buffer of size 123")
            os._exit(3)
        if behaviour == "is killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if behaviour == "hangs":
            # As llama-server itself while it loads: the end of input is not noticed.
            loading(0.25)
            while True:
                signal.pause()
        # As llama-server, which goes on to wait for its input.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if behaviour == "mute":
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if behaviour == "floods":
            line = b"0.00.000.001 I " + b"x" * 1008 + b"\n"
            for _ in range(100):
                os.write(2, b"")
                sys.stderr.buffer.write(line * 1024)
        if behaviour == "garbage":
            sys.stdout.buffer.write(bytes(range(256)) * 300 + b"\n")
            sys.stdout.buffer.write(b"cmd_child_to_router:state:{not json\n")
            sys.stdout.buffer.write(b"cmd_child_to_router:state:{\"state\":7}\n")
            sys.stdout.buffer.write(b"cmd_child_to_router:state:{\"state\":\"new\"}\n")
            sys.stdout.buffer.flush()
            sys.stderr.buffer.write(b"\xff\xfe" * 100000 + b"\n")
        if behaviour == "environment":
            open(f"{folder}/environment", "w").write(json.dumps(dict(os.environ)))

        threading.Thread(target=serve, daemon=True).start()
        if behaviour == "mute":
            while True:
                signal.pause()
        loading(0.0)
        loading(0.5)
        loading(1.0)
        while not os.path.exists(path):
            time.sleep(0.001)
        healthy.set()
        say("ready", meta={"n_ctx": 8192, "size": 768})
        if behaviour == "ignores":
            while True:
                signal.pause()
        wait_for_end()
        """#
}
