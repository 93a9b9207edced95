import Foundation

/// What can be read on what.
enum Contrast {
    /// Black or white, whichever stands out more on the colour.
    static func textColor(on color: String) -> String {
        let luminance = relativeLuminance(color)
        return (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) ? "#010101" : "#fefefe"
    }

    /// Relative luminance of an sRGB colour `#rrggbb` as WCAG 2.1 defines it.
    static func relativeLuminance(_ color: String) -> Double {
        let number = Int(color.dropFirst(), radix: 16) ?? 0
        func linear(_ shift: Int) -> Double {
            let value = Double((number >> shift) & 0xFF) / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * linear(16) + 0.7152 * linear(8) + 0.0722 * linear(0)
    }
}
