// How error messages print what they found: short, and harmless to a terminal.

/// Two lower-case hexadecimal digits.
func hexadecimal(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
}

/// `[60000, 28, 28]`; a long shape is cut after eight dimensions.
package func shapeText(_ shape: [Int]) -> String {
    let shown = shape.prefix(8).map(String.init).joined(separator: ", ")
    return shape.count > 8 ? "[\(shown), … \(shape.count) dimensions]" : "[\(shown)]"
}

/// The text in quotation marks with control characters escaped, cut after 80 characters, so that a
/// hostile name cannot flood or command a terminal.
package func quoted(_ text: String) -> String {
    let scalars = text.unicodeScalars
    let shown = scalars.prefix(80).map { $0.escaped(asASCII: false) }.joined()
    return scalars.count > 80 ? "\"\(shown)…\"" : "\"\(shown)\""
}
