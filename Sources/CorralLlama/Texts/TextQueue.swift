/// Texts that wait to be computed, packed into batches in their order.
struct TextQueue: Sendable {
    struct Text: Hashable, Sendable {
        var job: Inbox.ID
        /// Which of its job's texts it is.
        var index: Int
        var tokens: [Token]
    }

    let batchTokens: Int
    let sequences: Int
    private var texts: [Text] = []

    init(batchTokens: Int, sequences: Int) {
        self.batchTokens = batchTokens
        self.sequences = max(1, sequences)
    }

    mutating func append(_ job: Inbox.ID, _ index: Int, _ tokens: [Token]) {
        texts.append(Text(job: job, index: index, tokens: tokens))
    }

    mutating func remove(_ job: Inbox.ID) { texts.removeAll { $0.job == job } }

    mutating func removeAll() { texts = [] }

    mutating func putBack(_ batch: [Text]) { texts = batch + texts }

    /// Takes as many texts as fit into one batch, from the front.
    mutating func next() -> [Text] {
        var batch: [Text] = []
        var tokens = 0
        for text in texts.prefix(sequences) {
            guard tokens + text.tokens.count <= batchTokens else { break }
            tokens += text.tokens.count
            batch.append(text)
        }
        texts.removeFirst(batch.count)
        return batch
    }
}
