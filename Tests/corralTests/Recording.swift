import Synchronization

@testable import corral

/// A console that remembers what was written.
final class Recording: Sendable {
    private let texts = Mutex((output: "", errors: ""))

    var output: String { texts.withLock { $0.output } }
    var errors: String { texts.withLock { $0.errors } }

    func console(width: Int? = nil) -> Console {
        Console(
            write: { text in self.texts.withLock { $0.output += text } },
            writeError: { text in self.texts.withLock { $0.errors += text } },
            width: width,
            isColored: false
        )
    }
}
