extension GGUFError {
    /// The kinds of failure, open for more.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code's name, as a program may log it.
        public let description: String

        private init(_ name: String) { description = name }

        /// The file does not begin with `GGUF`.
        public static let badMagic = Code("badMagic")
        /// The file was written for big-endian machines.
        public static let bigEndian = Code("bigEndian")
        /// The version is neither 2 nor 3.
        public static let unsupportedVersion = Code("unsupportedVersion")
        /// The header says more than the file holds.
        public static let truncated = Code("truncated")
        /// A string or the whole header is longer than any real one.
        public static let limitExceeded = Code("limitExceeded")
        /// A key or a tensor's name is not UTF-8.
        public static let invalidUTF8 = Code("invalidUTF8")
        /// A key is empty.
        public static let emptyKey = Code("emptyKey")
        /// A key occurs twice.
        public static let duplicateKey = Code("duplicateKey")
        /// A value's type is none the format has.
        public static let unknownValueType = Code("unknownValueType")
        /// Arrays stand in arrays too deep.
        public static let nestingTooDeep = Code("nestingTooDeep")
        /// `general.alignment` is not a power of two of type uint32.
        public static let invalidAlignment = Code("invalidAlignment")
        /// A tensor's name occurs twice.
        public static let duplicateTensor = Code("duplicateTensor")
        /// A tensor's shape is empty, too large, or no whole number of its type's blocks.
        public static let invalidDimensions = Code("invalidDimensions")
        /// A tensor's type is unknown or was removed from ggml.
        public static let unsupportedTensorType = Code("unsupportedTensorType")
        /// A tensor's offset is not a multiple of the alignment.
        public static let misalignedTensor = Code("misalignedTensor")
        /// Two tensors hold the same bytes.
        public static let overlappingTensors = Code("overlappingTensors")
        /// A tensor's bytes end behind the file's.
        public static let tensorOutsideFile = Code("tensorOutsideFile")
        /// The operating system refused to open or read the file.
        public static let unreadable = Code("unreadable")
        /// The path names a folder, pipe or device.
        public static let notAFile = Code("notAFile")
        /// The file is not the one it was, or shrank while it was read.
        public static let fileChanged = Code("fileChanged")
        /// The parts of a split model contradict each other or their names.
        public static let invalidSplit = Code("invalidSplit")
        /// A part of a split model is not there.
        public static let missingShard = Code("missingShard")

        /// Lets `catch GGUFError.Code.truncated` name what is caught.
        public static func ~= (code: Code, error: any Error) -> Bool {
            (error as? GGUFError)?.code == code
        }
    }
}
