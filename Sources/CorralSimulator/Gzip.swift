import CZlib

/// Packs and unpacks gzip files (RFC 1952) with zlib.
///
/// All calls are unsafe, since C takes pointers: to a stream's state and to arrays, each with its
/// length, none of which outlives its call.
package enum Gzip {
    /// Whether bytes begin as a gzip file does.
    package static func isCompressed(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1F, 0x8B]) }

    /// The most bytes that a file is unpacked to where nobody says otherwise: a month of a busy
    /// daemon's requests takes a tenth of it.
    package static let defaultLimit = 512 << 20

    /// Unpacks all members of a gzip file.
    ///
    /// - Parameters:
    ///   - bytes: The whole file.
    ///   - limit: The most bytes to unpack: a small file can be made to fill all memory.
    /// - Returns: What was packed.
    /// - Throws: ``SimulationError/Code/badCompression`` where it is damaged or cut short,
    ///   ``SimulationError/Code/tooLarge`` where it unpacks to more than the limit.
    package static func unpacked(
        _ bytes: [UInt8],
        limit: Int = defaultLimit
    ) throws(SimulationError) -> [UInt8] {
        var input = bytes
        var stream = unsafe z_stream()
        let size = unsafe Int32(MemoryLayout<z_stream>.size)
        guard unsafe inflateInit2_(&stream, window, ZLIB_VERSION, size) == Z_OK else {
            throw unavailable
        }
        defer { unsafe inflateEnd(&stream) }
        var result: [UInt8] = []
        var position = 0
        repeat {
            guard unsafe inflateReset(&stream) == Z_OK else { throw unavailable }
            var status = Z_OK
            while status != Z_STREAM_END {
                let available = min(input.count - position, piece)
                var taken = 0
                let output = unsafe [UInt8](unsafeUninitializedCapacity: piece) { buffer, count in
                    unsafe input.withUnsafeMutableBufferPointer { source in
                        unsafe stream.next_in = source.baseAddress.map { unsafe $0 + position }
                        unsafe stream.avail_in = UInt32(available)
                        unsafe stream.next_out = buffer.baseAddress
                        unsafe stream.avail_out = UInt32(piece)
                        status = unsafe inflate(&stream, Z_NO_FLUSH)
                        taken = unsafe available - Int(stream.avail_in)
                        count = unsafe piece - Int(stream.avail_out)
                    }
                }
                position += taken
                guard result.count + output.count <= limit else {
                    throw SimulationError(
                        .tooLarge,
                        "The gzip file unpacks to more than \(limit) bytes; unpack it yourself, and pass the part you need."
                    )
                }
                result += output
                // No progress although there is room for output: the input has come to its end.
                let isStuck = status == Z_BUF_ERROR || (taken == 0 && output.isEmpty)
                if status != Z_STREAM_END, isStuck { throw damaged("it ends too early") }
                guard [Z_OK, Z_STREAM_END, Z_BUF_ERROR].contains(status) else {
                    throw damaged(unsafe stream.msg.map { unsafe String(cString: $0) } ?? "error")
                }
            }
            // Another member may follow, or zeros that fill up a block of a tape.
        } while !input[position...].allSatisfy { $0 == 0 }
        return result
    }

    /// Packs bytes into a gzip file of one member.
    ///
    /// - Parameter bytes: What to pack.
    /// - Returns: The whole file.
    /// - Throws: ``SimulationError/Code/badCompression`` where there is no memory for zlib's tables.
    package static func packed(_ bytes: [UInt8]) throws(SimulationError) -> [UInt8] {
        var input = bytes
        var stream = unsafe z_stream()
        let size = unsafe Int32(MemoryLayout<z_stream>.size)
        let status = unsafe deflateInit2_(
            &stream,
            Z_DEFAULT_COMPRESSION,
            Z_DEFLATED,
            window,
            8,
            Z_DEFAULT_STRATEGY,
            ZLIB_VERSION,
            size
        )
        guard status == Z_OK else { throw unavailable }
        defer { unsafe deflateEnd(&stream) }
        var result: [UInt8] = []
        var position = 0
        var isFinished = false
        while !isFinished {
            let available = min(input.count - position, piece)
            let isLast = position + available == input.count
            let output = unsafe [UInt8](unsafeUninitializedCapacity: piece) { buffer, count in
                unsafe input.withUnsafeMutableBufferPointer { source in
                    unsafe stream.next_in = source.baseAddress.map { unsafe $0 + position }
                    unsafe stream.avail_in = UInt32(available)
                    unsafe stream.next_out = buffer.baseAddress
                    unsafe stream.avail_out = UInt32(piece)
                    let status = unsafe deflate(&stream, isLast ? Z_FINISH : Z_NO_FLUSH)
                    isFinished = status == Z_STREAM_END
                    position += unsafe available - Int(stream.avail_in)
                    count = unsafe piece - Int(stream.avail_out)
                }
            }
            result += output
        }
        return result
    }

    /// The largest window there is, and 16 for the header and trailer of gzip (`zlib.h`).
    private static let window: Int32 = 15 + 16

    /// The bytes that are passed to zlib, and taken from it, at once.
    private static let piece = 1 << 18

    private static let unavailable = SimulationError(
        .badCompression,
        "zlib cannot be used: it is of another version than Corral was built with, or there is no memory."
    )

    private static func damaged(_ what: String) -> SimulationError {
        SimulationError(
            .badCompression,
            "The gzip file is damaged: \(what); copy it again or pass it uncompressed."
        )
    }
}
