import CorralMemory
import CorralWire

/// Decisions in sentences and tables.
enum DecisionText {
    /// A line that says what was decided, and for the model that was asked about what it meant.
    static func headline(_ decision: WhyAnswer.Decision, about asked: NamedModel) -> String {
        let ago = "\(Duration.seconds(max(0, decision.agoSeconds)).brief) ago"
        let fate = decision.candidates.first { $0.model == asked.model && $0.role == asked.role }
        let other = decision.for.map { "\($0.model) (\($0.role))" } ?? "what was above the budget"
        let isAsked = decision.for.map { ($0.model, $0.role) == (asked.model, asked.role) } == true
        let need = "\(bytes(decision.needed)), with \(bytes(decision.free)) free"
        switch decision.decision {
        case "evicted" where fate?.fate == "evicted":
            return "\(ago): evicted to make room for \(other), which needed \(need)"
        case "evicted" where isAsked:
            return "\(ago): others were evicted for it; it needed \(need)"
        case "evicted":
            return "\(ago): \(reason(fate)) when \(other) needed \(need)"
        case "kept" where isAsked:
            return "\(ago): had to wait; it needed \(need), and what was idle did not suffice"
        case "kept":
            return "\(ago): kept, with all others, though \(other) waits for \(need)"
        case "refused":
            return "\(ago): refused (\(decision.code ?? "unknown")): \(decision.message ?? "")"
        case "expired": return "\(ago): unloaded, idle for as long as it may be"
        case "gave_back" where fate?.fate == "evicted":
            return "\(ago): unloaded to give memory back to other programs"
        case "gave_back": return "\(ago): \(reason(fate)) when memory was given back"
        case "prefetched" where isAsked:
            return "\(ago): loaded before it was asked for; it needed \(need)"
        case "prefetched" where fate?.fate == "evicted":
            return "\(ago): evicted for \(other), which is expected to be asked for"
        case "prefetched": return "\(ago): \(reason(fate)) when \(other) was loaded in advance"
        case "declined_prefetch" where isAsked:
            return "\(ago): not loaded in advance: who would have to go is worth more"
        case "declined_prefetch": return "\(ago): kept; \(other) was not loaded in advance"
        default: return "\(ago): \(decision.decision)"
        }
    }

    private static func reason(_ candidate: Candidate?) -> String {
        switch candidate?.fate {
        case "leased": "kept, because somebody used it,"
        case "pinned": "kept, because it is pinned,"
        case "fresh": "kept, because it had just been loaded,"
        case "moving": "on its way in or out"
        case "evicted": "evicted"
        default: "kept, because others were worth less,"
        }
    }

    /// The models that might have been evicted: those that were first, then by score.
    static func table(_ candidates: [Candidate]) -> Table {
        var table = Table([
            .flexible("MODEL"), .text("ROLE"), .text("FATE"), .number("HOLDS"), .number("IDLE"),
            .number("RELOAD"), .number("NEXT USE IN"), .number("VALUE"),
        ])
        let ordered = candidates.sorted {
            ($0.fate == "evicted" ? 0 : 1, $0.score, $0.model) < (
                $1.fate == "evicted" ? 0 : 1, $1.score, $1.model
            )
        }
        for candidate in ordered {
            table.add([
                candidate.model, candidate.role, candidate.fate,
                "\(ByteCount(candidate.bytes))",
                Duration.seconds(max(0, candidate.idleSeconds)).brief,
                Duration.seconds(max(0, candidate.reloadSeconds)).brief,
                candidate.secondsToNextUse.map { time($0) } ?? "-", significant(candidate.score),
            ])
        }
        return table
    }

    /// A time that may be for ever.
    private static func time(_ seconds: Double) -> String {
        seconds > 30 * 86_400 ? "> 30d" : Duration.seconds(max(0, seconds)).brief
    }

    /// Three digits.
    private static func significant(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e6 else { return value > 0 ? "> 999999" : "-" }
        if abs(value) >= 100 { return "\(Int(value.rounded()))" }
        let scale = abs(value) >= 10 ? 10.0 : abs(value) >= 1 ? 100 : 1000
        return "\((value * scale).rounded() / scale)"
    }

    /// The bytes of all domains together, or of each where there are several.
    static func bytes(_ counts: DomainCounts) -> String {
        let used = counts.pairs.filter { $0.bytes != 0 }.sorted { $0.domain < $1.domain }
        if used.count <= 1 { return "\(ByteCount(used.first?.bytes ?? 0))" }
        return used.map { "\(ByteCount($0.bytes)) of \($0.domain)" }.joined(separator: " and ")
    }
}
