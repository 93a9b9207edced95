extension String {
    /// The text as XML or HTML shows it, in an element or a quoted attribute.
    ///
    /// Line breaks and control characters, which XML cannot hold, are treated as in `singleLine`.
    package var xmlEscaped: String {
        var result = ""
        for scalar in singleLine.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
