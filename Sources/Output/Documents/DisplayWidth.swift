extension StringProtocol {
    /// How many columns of a terminal the text takes.
    ///
    /// Combining marks and invisible formatting take none, East Asian wide characters and emoji
    /// two, everything else (Greek letters, subscripts, arrows) one. What a reader sees as one character
    /// takes the width of its widest part. Ambiguous characters count as narrow, as terminals
    /// outside East Asian locales show them.
    package var displayWidth: Int { reduce(0) { $0 + $1.displayWidth } }

    /// The text on one line, harmless to a terminal: white space, line breaks and tabs become one
    /// space each, other control characters (escape sequences start with one) the replacement
    /// character.
    package var singleLine: String {
        var result = String.UnicodeScalarView()
        var afterReturn = false
        for scalar in unicodeScalars {
            switch scalar {
            case "\n" where afterReturn: break
            case "\n", "\r", "\t", "\u{B}", "\u{C}", "\u{85}", "\u{2028}", "\u{2029}":
                result.append(" ")
            case _ where scalar.properties.generalCategory == .control:
                result.append("\u{FFFD}")
            default: result.append(scalar)
            }
            afterReturn = scalar == "\r"
        }
        return String(result)
    }

    /// The text with spaces around it, so that it fills `width` columns. Longer text is unchanged.
    package func padded(to width: Int, _ alignment: Alignment) -> String {
        let space = Swift.max(0, width - displayWidth)
        let before =
            switch alignment {
            case .left: 0
            case .right: space
            case .center: space / 2
            }
        return String(repeating: " ", count: before) + self
            + String(repeating: " ", count: space - before)
    }
}

extension Character {
    var displayWidth: Int {
        var width = 0
        for scalar in unicodeScalars {
            if scalar == "\u{FE0F}" { return 2 }  // asks for the picture form of what precedes
            width = Swift.max(width, scalar.displayWidth)
        }
        return width
    }
}

extension Unicode.Scalar {
    fileprivate var displayWidth: Int {
        if value < 0x300 { return value < 0x20 || (0x7F..<0xA0).contains(value) ? 0 : 1 }
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return 0
        default: break
        }
        if properties.isEmojiPresentation { return 2 }
        return Self.wide.contains { $0.contains(value) } ? 2 : 1
    }

    /// The blocks of wide and full-width characters (Unicode annex 11), emoji aside.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x3247, 0x3250...0x4DBF,
        0x4E00...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19,
        0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF,
        0x1F200...0x1F265, 0x1F300...0x1F320, 0x20000...0x3FFFD,
    ]
}
