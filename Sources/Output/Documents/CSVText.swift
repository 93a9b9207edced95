/// Lines of comma-separated values (RFC 4180).
package struct CSVText: Sendable {
    /// The lines so far, each with its line break.
    package private(set) var text = ""
    private let lineBreak: String

    /// No lines yet. The RFC's line break is CRLF; many tools of Unix want LF.
    package init(lineBreak: String) { self.lineBreak = lineBreak }

    /// Adds a line.
    package mutating func append(_ fields: [String]) {
        text += fields.map(Self.quoted).joined(separator: ",") + lineBreak
    }

    /// The text as one field: in quotes if it needs them, quotes in it doubled.
    ///
    /// Works on scalars: CRLF, or a quote with a combining mark on it, is one `Character` that
    /// equals neither of its parts.
    private static func quoted(_ field: String) -> String {
        let special: Set<Unicode.Scalar> = [",", "\"", "\r", "\n"]
        let scalars = field.unicodeScalars
        let edges = [scalars.first, scalars.last]
        guard scalars.contains(where: special.contains) || edges.contains(" ") else { return field }
        var quoted = String.UnicodeScalarView("\"".unicodeScalars)
        for scalar in scalars {
            if scalar == "\"" { quoted.append("\"") }
            quoted.append(scalar)
        }
        quoted.append("\"")
        return String(quoted)
    }
}
