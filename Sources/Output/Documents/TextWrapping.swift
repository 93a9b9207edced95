extension String {
    /// The words of the text in lines of at most `width` columns.
    ///
    /// The first line starts with `first`, the others with `rest`. A word that is longer than a
    /// line stands alone and sticks out: cutting it would spoil a path or a command to be copied.
    package func wrapped(width: Int, first: String = "", rest: String = "") -> [String] {
        var lines: [String] = []
        var line = first
        var lineWidth = first.displayWidth
        var isEmpty = true
        for word in singleLine.split(separator: " ") {
            let wordWidth = word.displayWidth
            if !isEmpty, lineWidth + 1 + wordWidth > width {
                lines.append(line)
                line = rest
                lineWidth = rest.displayWidth
                isEmpty = true
            }
            line += isEmpty ? String(word) : " " + word
            lineWidth += wordWidth + (isEmpty ? 0 : 1)
            isEmpty = false
        }
        lines.append(line)
        return lines
    }

    /// The text without spaces at its end.
    var withoutTrailingSpaces: String {
        var result = self
        while result.last == " " { result.removeLast() }
        return result
    }
}
