import Foundation

/// Colours of values: from dark blue to light yellow through grey, even in lightness, and the same to
/// every kind of colour vision (the end points and middle of *cividis*).
enum ColorScale {
    private static let stops: [(Double, Double, Double)] = [
        (0, 34, 78), (53, 69, 107), (102, 105, 112), (148, 142, 119), (200, 184, 102), (254, 232, 56),
    ]

    /// The colour at `place` between 0 and 1, as `#rrggbb`.
    static func color(_ place: Double) -> String {
        let position = min(max(place, 0), 1) * Double(stops.count - 1)
        let index = min(Int(position), stops.count - 2)
        let share = position - Double(index)
        let (a, b) = (stops[index], stops[index + 1])
        func mix(_ a: Double, _ b: Double) -> String {
            let value = Int((a + share * (b - a)).rounded())
            return String(repeating: "0", count: value < 16 ? 1 : 0) + String(value, radix: 16)
        }
        return "#" + mix(a.0, b.0) + mix(a.1, b.1) + mix(a.2, b.2)
    }

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
