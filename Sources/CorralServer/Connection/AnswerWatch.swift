import CorralCache
import CorralDialects
import CorralObservability
import Logging

/// What a relay tells of the answer that it passes on, and to which request it belongs.
struct AnswerWatch: Sendable {
    /// The name of the request.
    let requestID: String
    /// Began when the request's head had come.
    let received: Stopwatch
    /// The answer has ended.
    let ended: @Sendable (AnswerRecord) -> Void
    /// The client was told of an error after the head of its answer.
    let refused: @Sendable (RequestError) -> Void
}

extension CorralResponder {
    /// Counts and logs the answer to a request.
    ///
    /// - Parameters:
    ///   - info: The request.
    ///   - entry: The model that answers.
    ///   - waited: How long the request waited for it.
    /// - Returns: What the relay tells how it went.
    func watch(_ info: RequestInfo, _ entry: ServedEntry, _ waited: Duration) -> AnswerWatch {
        let (model, name) = (entry.id, entry.name)
        let metrics = activity.metrics
        let logger = Logger.current
        let path = info.path
        return AnswerWatch(
            requestID: info.id,
            received: info.received,
            ended: { record in
                metrics.record(record, of: model)
                guard logger.logLevel <= .info else { return }
                var metadata = record.logged
                metadata["path"] = "\(path)"
                metadata["model"] = "\(name)"
                metadata["role"] = "\(model.role)"
                metadata["waited_seconds"] = .stringConvertible(waited / .seconds(1))
                logger.info("Finished", metadata: metadata)
            },
            refused: { error in
                metrics.refused(code: error.code.name)
                logger.info(
                    "Refused",
                    metadata: [
                        "path": "\(path)", "code": "\(error.code.name)",
                        "reason": "\(error.message)",
                    ]
                )
            }
        )
    }
}

extension AnswerRecord {
    /// The answer as it is logged: times and counts, no content.
    fileprivate var logged: Logger.Metadata {
        var metadata: Logger.Metadata = [
            "outcome": "\(outcome.rawValue)",
            "seconds": .stringConvertible(duration / .seconds(1)),
        ]
        if let firstEvent {
            metadata["first_event_seconds"] = .stringConvertible(firstEvent / .seconds(1))
            metadata["chunks"] = .stringConvertible(chunks)
        }
        if let tokens {
            metadata["prompt_tokens"] = .stringConvertible(tokens.prompt)
            metadata["generated_tokens"] = .stringConvertible(tokens.generated)
            if let rate = tokens.rate {
                metadata["tokens_per_second"] = .stringConvertible(rate)
            }
        }
        return metadata
    }
}
