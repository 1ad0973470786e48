extension HeaderParser {
    mutating func beginTensors() throws(Interruption) {
        stage = .tensors(remaining: tensorCount)
    }

    mutating func readTensor(_ cursor: borrowing ByteCursor) throws(Interruption) {
        var cursor = copy cursor
        let start = cursor.offset
        let name = try cursor.readString(
            "A tensor's name",
            limit: Self.maximumNameBytes,
            repairing: false
        )
        let shapeOffset = cursor.offset
        let rank = try cursor.readInteger(UInt32.self)
        guard (1...4).contains(rank) else {
            throw failure(
                .invalidDimensions,
                at: shapeOffset,
                name,
                "has \(rank) dimensions, 1 to 4 exist"
            )
        }
        var dimensions: [UInt64] = []
        for _ in 0..<rank { dimensions.append(try cursor.readInteger()) }
        let typeOffset = cursor.offset
        let type = GGMLType(rawValue: try cursor.readInteger())
        let offsetField = cursor.offset
        let dataOffset = try cursor.readInteger(UInt64.self)
        guard type.isKnown else {
            throw failure(
                .unsupportedTensorType,
                at: typeOffset,
                name,
                "has ggml type \(type.rawValue), which is unknown or was removed (quantize the model again)"
            )
        }
        guard let byteCount = Self.byteCount(type, dimensions) else {
            throw failure(
                .invalidDimensions,
                at: shapeOffset,
                name,
                "has the shape \(dimensions), which is empty, too large, or not a multiple of \(type)'s block of \(type.blockElements)"
            )
        }
        guard dataOffset % alignment == 0 else {
            throw failure(
                .misalignedTensor,
                at: offsetField,
                name,
                "begins at byte \(dataOffset) of the data, no multiple of the alignment \(alignment)"
            )
        }
        guard dataOffset <= Self.largestEnd, byteCount <= Self.largestEnd - dataOffset else {
            throw failure(
                .tensorOutsideFile,
                at: offsetField,
                name,
                "ends beyond any file's last byte"
            )
        }
        guard tensorNames.insert(name).inserted else {
            throw failure(.duplicateTensor, at: start, name, "occurs twice")
        }
        tensors.append(
            GGUFTensor(
                name: name,
                type: type,
                dimensions: dimensions,
                offset: dataOffset,
                byteCount: byteCount
            )
        )
        offsetFields.append(offsetField)
        offset = cursor.offset
    }

    /// The header, once every tensor was read.
    ///
    /// - Parameter fileSize: The bytes of the whole file, where known.
    /// - Returns: Everything that was read.
    /// - Throws: Where tensors overlap or reach beyond the file.
    func header(fileSize: UInt64?) throws(GGUFError) -> GGUFHeader {
        let dataOffset = (offset + alignment - 1) / alignment * alignment
        do throws(Interruption) {
            try checkLayout(dataOffset: dataOffset, fileSize: fileSize)
        } catch {
            if case .failed(let failure) = error { throw failure }
        }
        return GGUFHeader(
            version: version,
            metadata: metadata,
            tensors: tensors,
            alignment: Int(alignment),
            dataOffset: dataOffset
        )
    }

    private func checkLayout(dataOffset: UInt64, fileSize: UInt64?) throws(Interruption) {
        var order = Array(tensors.indices)
        order.sort { tensors[$0].offset < tensors[$1].offset }
        var end: UInt64 = 0
        for (place, index) in order.enumerated() {
            let tensor = tensors[index]
            if tensor.offset < end {
                throw failure(
                    .overlappingTensors,
                    at: offsetFields[index],
                    tensor.name,
                    "begins at byte \(tensor.offset) of the data, inside \(tensors[order[place - 1]].name)"
                )
            }
            end = tensor.offset + tensor.byteCount
            if let fileSize, dataOffset + end > fileSize {
                throw failure(
                    .tensorOutsideFile,
                    at: offsetFields[index],
                    tensor.name,
                    "ends at byte \(dataOffset + end) of a file of \(fileSize)"
                )
            }
        }
    }

    /// Half of what fits 64 bits, so that adding the data's own offset cannot overflow.
    private static let largestEnd = UInt64(Int64.max)

    /// The bytes of a tensor; `nil` where a dimension is zero, a row is no whole number of blocks
    /// or the elements or bytes exceed `Int64.max`.
    private static func byteCount(_ type: GGMLType, _ dimensions: [UInt64]) -> UInt64? {
        var elements: UInt64 = 1
        for dimension in dimensions {
            let (product, overflow) = elements.multipliedReportingOverflow(by: dimension)
            guard product > 0, !overflow, product <= largestEnd else { return nil }
            elements = product
        }
        guard type.rowBytes(elements: dimensions[0]) != nil,
            let bytes = type.rowBytes(elements: elements), bytes <= largestEnd
        else { return nil }
        return bytes
    }

    private func failure(
        _ code: GGUFError.Code,
        at place: UInt64,
        _ name: String,
        _ fault: String
    ) -> Interruption {
        .failed(
            GGUFError(
                code,
                at: place,
                subject: name,
                "The tensor \(name) \(fault); the file is damaged or was converted wrongly."
            )
        )
    }
}
