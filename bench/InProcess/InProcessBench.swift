// Measures CorralLlama for bench/inprocess.py, one thing a run, and prints a line of JSON.
//
//   in-process-bench speed MODEL THREADS          tokens a second of a prompt of 512, and of 128 more
//   in-process-bench together MODEL COUNT         tokens a second of COUNT answers at once
//   in-process-bench restore MODEL FOLDER         a conversation of 4,000 tokens, computed and restored
//   in-process-bench cycles MODEL COUNT           resident bytes after loads and unloads
//   in-process-bench roles MODEL                  resident bytes in one role, and in two

import CorralCache
import CorralHost
import CorralLlama
import CorralMemory
import CorralPlanner
import Foundation

@main
struct InProcessBench {
    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard arguments.count >= 2 else {
            print("usage: see bench/InProcess/InProcessBench.swift")
            return
        }
        let path = arguments[1]
        let number = arguments.count > 2 ? Int(arguments[2]) : nil
        let result: [String: Double] =
            switch arguments[0] {
            case "speed": try await speed(path, threads: number)
            case "together": try await together(path, count: number ?? 8)
            case "restore": try await restore(path, folder: arguments[2])
            case "cycles": try await cycles(path, count: number ?? 1000)
            case "roles": try await roles(path)
            default: [:]
            }
        let members = result.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }
        print("{\(members.joined(separator: ", "))}")
    }

    static func load(
        _ engine: LlamaEngine,
        _ path: String,
        _ options: LlamaOptions,
        _ role: ModelRole = .chat
    ) async throws -> LlamaModel {
        let id = ModelID(path: path, role: role)
        let limits = DomainBytes.host(ByteCount(1 << 40))
        let plan = try await engine.plan(id, options: options, minimumContext: 0, limits: limits)
        let events = EngineEvents(progress: { _ in }, exited: { _ in })
        return try await engine.load(id, plan: plan, events: events)
    }

    /// A text of about so many tokens, unlike those of other numbers from its first word on.
    static func text(_ number: Int, words: Int) -> String {
        (0..<words).map { "\(number % 10)" + (($0 + number) % 2 == 0 ? " a" : " b") }
            .joined(separator: " ")
    }

    /// A text of exactly so many tokens, a model's own first one not counted.
    static func text(_ number: Int, tokens: Int, of model: LlamaModel) async throws -> String {
        var text = text(number, words: tokens / 3)
        while try await model.countTokens(text) < tokens { text += " a" }
        return text
    }

    static func seconds(_ duration: Duration) -> Double { duration / .seconds(1) }

    static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

    static func speed(_ path: String, threads: Int?) async throws -> [String: Double] {
        let engine = LlamaEngine()
        var options = LlamaOptions(contextTokens: 2048)
        options.slots = 1
        options.threads = threads
        let model = try await load(engine, path, options)
        var (prompts, answers): ([Double], [Double]) = ([], [])
        for round in 0..<6 {
            var asked = ReplyOptions(sampling: .greedy, maximumTokens: 1)
            let prompt = try await text(round, tokens: 511, of: model)
            let reply = model.complete(prompt, options: asked)
            _ = try await reply.text()
            asked.maximumTokens = 129
            // A grammar would cost time; a model that ends early is asked for more another way.
            let long = model.complete("\(round) The story of a llama:\n\n", options: asked)
            _ = try await long.text()
            guard round > 0, let first = reply.summary, let second = long.summary else { continue }
            let computed = first.usage.promptTokens - first.usage.reusedTokens
            prompts.append(Double(computed) / seconds(first.timeToFirstToken))
            answers.append(Double(second.usage.answerTokens - 1) / seconds(second.timeToAnswer))
        }
        await engine.unload(model)
        return ["prompt": median(prompts), "answer": median(answers)]
    }

    static func together(_ path: String, count: Int) async throws -> [String: Double] {
        let engine = LlamaEngine()
        var options = LlamaOptions(contextTokens: 4096)
        options.slots = count
        let model = try await load(engine, path, options)
        let asked = ReplyOptions(sampling: .greedy, maximumTokens: 96)
        func round(_ number: Int) async throws -> Int {
            try await withThrowingTaskGroup(of: Int.self) { tasks in
                for index in 0..<count {
                    tasks.addTask {
                        let reply = model.reply(
                            to: "Conversation \(number * count + index): tell a long story.",
                            options: asked
                        )
                        _ = try await reply.text()
                        return reply.summary?.usage.answerTokens ?? 0
                    }
                }
                return try await tasks.reduce(0, +)
            }
        }
        _ = try await round(0)
        var speeds: [Double] = []
        for number in 1...5 {
            let begin = ContinuousClock.now
            let tokens = try await round(number)
            speeds.append(Double(tokens) / seconds(ContinuousClock.now - begin))
        }
        await engine.unload(model)
        return ["answer": median(speeds)]
    }

    static func restore(_ path: String, folder: String) async throws -> [String: Double] {
        let engine = LlamaEngine()
        var options = LlamaOptions(contextTokens: 6144)
        options.slots = 1
        let file = "\(folder)/conversation.kv"
        let messages: [ChatMessage] = [.system("You are brief."), .user(text(3, words: 1330))]
        let asked = ReplyOptions(sampling: .greedy, maximumTokens: 4)
        var result: [String: Double] = [:]

        let first = try await load(engine, path, options)
        let computed = first.reply(to: messages, options: asked)
        let answer = try await computed.text()
        let next = messages + [.assistant(answer), .user("Go on.")]
        result["tokens"] = Double(computed.summary?.usage.promptTokens ?? 0)
        result["computed"] = seconds(computed.summary?.timeToFirstToken ?? .zero)
        try await first.saveConversation(messages, to: file)
        await engine.unload(first)

        let second = try await load(engine, path, options)
        let begin = ContinuousClock.now
        try await second.restoreConversation(from: file)
        let restored = second.reply(to: next, options: asked)
        _ = try await restored.text()
        let took = ContinuousClock.now - begin - (restored.summary?.timeToAnswer ?? .zero)
        result["restored"] = seconds(took)
        result["reused"] = Double(restored.summary?.usage.reusedTokens ?? 0)
        await engine.unload(second)
        return result
    }

    static func resident() -> (exclusive: Double, file: Double) {
        let memory = try? ProcessMemory.read(
            pid: Int32(ProcessInfo.processInfo.processIdentifier),
            from: .live()
        )
        return (
            Double(memory?.exclusive.rawValue ?? 0), Double(memory?.fileBacked.rawValue ?? 0)
        )
    }

    static func cycles(_ path: String, count: Int) async throws -> [String: Double] {
        let engine = LlamaEngine()
        let role: ModelRole = path.contains("rerank") ? .rerank : .chat
        var early = 0.0
        for cycle in 1...count {
            let model = try await load(engine, path, LlamaOptions(contextTokens: 128), role)
            await engine.unload(model)
            if cycle == count / 10 { early = resident().exclusive }
        }
        return ["early": early, "late": resident().exclusive, "cycles": Double(count)]
    }

    static func roles(_ path: String) async throws -> [String: Double] {
        let engine = LlamaEngine()
        var options = LlamaOptions(contextTokens: 512)
        options.loadMode = .copied
        let chat = try await load(engine, path, options)
        _ = try await chat.complete("Hello", options: ReplyOptions(maximumTokens: 2)).text()
        let one = resident()
        let embed = try await load(engine, path, options, .embed)
        _ = try await embed.embed(["Hello"])
        let two = resident()
        let weights = chat.plan.footprint.shared.reduce(0) {
            $0 + Double($1.bytes.total.rawValue)
        }
        await engine.unload(chat)
        await engine.unload(embed)
        return ["one": one.exclusive, "two": two.exclusive, "weights": weights]
    }
}
