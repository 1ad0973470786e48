/// One line of `/proc/self/mountinfo` (proc_pid_mountinfo(5)): `36 35 98:0 /root /point options
/// [optional …] - type source super-options`.
struct MountInfo: Equatable {
    /// The folder of the file system that shows at the mount point.
    var root: String
    /// The mount point.
    var point: String
    /// The type of the file system, such as `ext4` or `cgroup2`.
    var type: String
    /// The device, the server and share, or whatever else the file system comes from.
    var source: String
    /// The options of the file system.
    var options: [Substring]

    /// Reads a line.
    ///
    /// - Returns: `nil` where it is no such line.
    init?(_ line: Substring) {
        let fields = line.split(separator: " ")
        // Any number of optional fields come before the dash.
        guard let dash = fields.firstIndex(of: "-"), dash >= 6, dash + 2 < fields.count else {
            return nil
        }
        root = Self.unescaped(fields[3])
        point = Self.unescaped(fields[4])
        type = String(fields[dash + 1])
        source = Self.unescaped(fields[dash + 2])
        options = dash + 3 < fields.count ? fields[dash + 3].split(separator: ",") : []
    }

    /// Undoes the kernel's escapes: blanks, tabs, line feeds and backslashes stand as three octal
    /// digits (`\040`).
    private static func unescaped(_ field: Substring) -> String {
        guard field.contains("\\") else { return String(field) }
        var bytes: [UInt8] = []
        var rest = Array(field.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            guard byte == UInt8(ascii: "\\"), digits.count == 3,
                digits.allSatisfy({ (48...55).contains($0) })
            else {
                bytes.append(byte)
                continue
            }
            rest = rest.dropFirst(3)
            let value = digits.reduce(0) { $0 << 3 | Int($1 - 48) }
            bytes.append(UInt8(truncatingIfNeeded: value))
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
