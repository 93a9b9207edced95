import Charts
import Foundation
import Testing

/// The laws of the palettes, by WCAG 2.1 and by simulated colour vision, written here a second time.
@Suite("Palettes")
struct PaletteTests {
    private static func linear(_ color: String) -> [Double] {
        let number = Int(color.dropFirst(), radix: 16) ?? -1
        return [16, 8, 0].map { shift in
            let value = Double((number >> shift) & 0xFF) / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
    }

    private static func contrast(_ a: String, _ b: String) -> Double {
        let luminances = [a, b].map { color in
            zip(linear(color), [0.2126, 0.7152, 0.0722]).map { $0 * $1 }.reduce(0, +)
        }.sorted()
        return (luminances[1] + 0.05) / (luminances[0] + 0.05)
    }

    private static func lab(_ rgb: [Double]) -> [Double] {
        let (r, g, b) = (rgb[0], rgb[1], rgb[2])
        let xyz = [
            (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047, 0.2126 * r + 0.7152 * g + 0.0722 * b,
            (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883,
        ].map { $0 > 0.008856 ? cbrt($0) : 7.787 * $0 + 16 / 116 }
        return [116 * xyz[1] - 16, 500 * (xyz[0] - xyz[1]), 200 * (xyz[1] - xyz[2])]
    }

    /// Machado, Oliveira and Fernandes 2009, severity 1.
    private static let vision: [String: [[Double]]] = [
        "normal": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
        "protanopia": [
            [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ],
        "deuteranopia": [
            [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ],
        "tritanopia": [
            [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ],
    ]

    private static func seen(_ color: String, _ matrix: [[Double]]) -> [Double] {
        lab(matrix.map { row in min(max(zip(row, linear(color)).map { $0 * $1 }.reduce(0, +), 0), 1) })
    }

    @Test("contrast to the background", arguments: [Palette.light, .dark])
    func contrast(palette: Palette) {
        for color in palette.series + [palette.good, palette.bad, palette.undecided] {
            #expect(Self.contrast(color, palette.background) >= 3, "\(color)")
        }
        for color in [palette.text, palette.quietText] {
            #expect(Self.contrast(color, palette.background) >= 4.5, "\(color)")
        }
    }

    @Test("series differ for every kind of colour vision", arguments: [Palette.light, .dark])
    func distinct(palette: Palette) throws {
        for (name, matrix) in Self.vision {
            for (index, a) in palette.series.enumerated() {
                for b in palette.series[(index + 1)...] {
                    let distance = sqrt(
                        zip(Self.seen(a, matrix), Self.seen(b, matrix)).map { ($0 - $1) * ($0 - $1) }
                            .reduce(0, +))
                    #expect(distance > 11, "\(a) \(b) \(name)")
                }
            }
        }
    }
}
