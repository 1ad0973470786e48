import CorralLlama
import Foundation
import NIOCore

/// A streamed answer as server-sent events.
struct AnswerEvents: AsyncSequence, Sendable {
    let reply: Reply
    let shape: AnswerShape

    func makeAsyncIterator() -> Iterator { Iterator(reply, shape) }

    struct Iterator: AsyncIteratorProtocol {
        private var pieces: Reply.AsyncIterator
        private let reply: Reply
        private let shape: AnswerShape
        /// Events that are sent before the next piece.
        private var pending: [AnswerShape.Answer]
        private var isOver = false

        fileprivate init(_ reply: Reply, _ shape: AnswerShape) {
            pieces = reply.makeAsyncIterator()
            self.reply = reply
            self.shape = shape
            pending = shape.first.map { [$0] } ?? []
        }

        @concurrent
        mutating func next() async throws -> ByteBuffer? {
            if !pending.isEmpty {
                defer { pending = [] }
                return Self.events(pending)
            }
            guard !isOver else { return nil }
            if let piece = try await pieces.next() { return Self.events([shape.piece(piece)]) }
            isOver = true
            guard let summary = reply.summary else { throw CancellationError() }
            var buffer = Self.events(shape.last(summary))
            buffer.writeString("data: [DONE]\n\n")
            return buffer
        }

        private static func events(_ answers: [AnswerShape.Answer]) -> ByteBuffer {
            let encoder = JSONEncoder.openAI
            var buffer = ByteBuffer()
            for answer in answers {
                buffer.writeString("data: ")
                buffer.writeBytes((try? encoder.encode(answer)) ?? Data("{}".utf8))
                buffer.writeString("\n\n")
            }
            return buffer
        }
    }
}
