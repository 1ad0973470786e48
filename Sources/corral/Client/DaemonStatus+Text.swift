import CorralMemory
import CorralWire

/// What people are shown of a status.
extension FootprintValue {
    /// The bytes in all domains together.
    var bytes: ByteCount { ByteCount(total.total) }
}

extension KeepAliveValue {
    /// As people read it.
    var text: String {
        switch self {
        case .seconds(let seconds): Duration.seconds(seconds).brief
        case .untilEvicted: "until evicted"
        case .word(let word): word
        }
    }
}
