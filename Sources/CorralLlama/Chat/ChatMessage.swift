/// One message of a conversation.
public struct ChatMessage: Hashable, Sendable, Codable {
    /// Who speaks.
    public struct Role: RawRepresentable, Hashable, Sendable, Codable,
        ExpressibleByStringLiteral
    {
        /// The role's name in the model's template.
        public var rawValue: String

        /// Creates a role of a name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Creates a role of a name.
        public init(stringLiteral name: String) { rawValue = name }

        /// What the model is told about its task.
        public static let system = Role(rawValue: "system")
        /// What a person says.
        public static let user = Role(rawValue: "user")
        /// What the model said.
        public static let assistant = Role(rawValue: "assistant")
    }

    /// Who speaks.
    public var role: Role

    /// What is said.
    public var content: String

    /// Creates a message.
    public init(_ role: Role, _ content: String) {
        self.role = role
        self.content = content
    }

    /// A message that tells the model about its task.
    public static func system(_ content: String) -> ChatMessage { ChatMessage(.system, content) }

    /// A message of a person.
    public static func user(_ content: String) -> ChatMessage { ChatMessage(.user, content) }

    /// A message of the model.
    public static func assistant(_ content: String) -> ChatMessage {
        ChatMessage(.assistant, content)
    }
}
