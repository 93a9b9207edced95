internal import Documents

/// For which surroundings a chart is coloured.
public enum ChartTheme: String, Sendable, CaseIterable {
    /// Follows the viewer where the format can: SVG and HTML obey `prefers-color-scheme`; PNG is light.
    case auto
    case light
    case dark
}

/// The colours of one theme, as hexadecimal RGB with a leading `#`.
///
/// *Laws* (tested): every series has a contrast of at least 3:1 to the background and text of at
/// least 4.5:1 (WCAG 2.1); any two series differ by more than 11 in CIE Lab under normal,
/// protanopic, deuteranopic and tritanopic vision (matrices of Machado, Oliveira and Fernandes 2009).
public struct Palette: Sendable, Equatable {
    public let background: String
    public let text: String
    /// Subtitles, tick labels, predicted slopes.
    public let quietText: String
    public let axis: String
    public let grid: String
    /// The colours of series in order.
    public let series: [String]
    public let good: String
    public let bad: String
    public let undecided: String

    /// The hues of Okabe and Ito, darkened to stand on white; their yellow, which cannot, is a wine red.
    public static let light = Palette(
        background: "#ffffff", text: "#1b1f24", quietText: "#57606a", axis: "#8b949e", grid: "#e4e7eb",
        series: [
            "#000000", "#005fa8", "#c94a00", "#00a076", "#d076aa", "#4798d6", "#c68400", "#7a1f4e",
        ],
        good: "#005fa9", bad: "#c94a01", undecided: "#6e7681")

    /// The hues of Okabe and Ito, lightened to stand on near black.
    public static let dark = Palette(
        background: "#14181f", text: "#e9edf2", quietText: "#a6b0bb", axis: "#6c7681", grid: "#2a313a",
        series: [
            "#ffffff", "#3f84db", "#e8672a", "#12a87c", "#d98bb8", "#6cc0f0", "#e69f00", "#f0e442",
        ],
        good: "#6cc0f1", bad: "#e8672b", undecided: "#9aa4ae")

    /// The colour of a series with this style.
    func color(style: Int) -> String { series[style % series.count] }

    /// The colour of a category of a heat map: that of its style.
    func color(_ category: Int, of map: HeatMap) -> String {
        color(style: map.categories[category].style ?? 1 + category % (series.count - 1))
    }

    /// The colour of words on another one. The first series' colour turns from black to white with the theme,
    /// and so do its words.
    package func ink(on fill: String?) -> String {
        guard let fill else { return text }
        return fill == series[0] ? background : Contrast.textColor(on: fill)
    }

    func color(_ verdict: DotPlot.Verdict) -> String {
        switch verdict {
        case .good: good
        case .bad: bad
        case .undecided: undecided
        }
    }

    /// All colours, in an order that is the same for every theme.
    var all: [String] { [background, text, quietText, axis, grid] + series + [good, bad, undecided] }
}

/// How one series looks besides its colour; no two of the first eight share a marker, and no two of all
/// share both marker and colour.
public struct SeriesStyle: Sendable, Equatable {
    /// gnuplot's number of the marker.
    let pointType: Int
    let pointSize: Double
    /// Vega's name of the marker.
    let shape: String
    /// Lengths of dashes and gaps in pixels; empty for a solid line.
    var dashes: [Int]

    /// The styles in order; a thirty-third series looks like the first.
    public static let all: [SeriesStyle] =
        firstEight
        + [(marker: 3, dashes: 1), (5, 3), (6, 6)].flatMap { shift in
            firstEight.indices.map { index in
                // The colours begin again with another marker and other dashes.
                var style = firstEight[(index + shift.marker) % firstEight.count]
                style.dashes = firstEight[(index + shift.dashes) % firstEight.count].dashes
                return style
            }
        }

    /// After so many styles the colours begin again.
    static let colorCount = firstEight.count

    private static let firstEight: [SeriesStyle] = [
        SeriesStyle(pointType: 7, pointSize: 0.75, shape: "circle", dashes: []),
        SeriesStyle(pointType: 5, pointSize: 0.7, shape: "square", dashes: [9, 3]),
        SeriesStyle(pointType: 9, pointSize: 0.95, shape: "triangle-up", dashes: [3, 3]),
        SeriesStyle(pointType: 13, pointSize: 0.95, shape: "diamond", dashes: []),
        SeriesStyle(pointType: 11, pointSize: 0.95, shape: "triangle-down", dashes: [9, 3, 3, 3]),
        SeriesStyle(pointType: 6, pointSize: 0.85, shape: "cross", dashes: []),
        SeriesStyle(pointType: 4, pointSize: 0.8, shape: "triangle-right", dashes: [5, 2]),
        SeriesStyle(pointType: 15, pointSize: 0.95, shape: "triangle-left", dashes: []),
    ]
}

extension LineChart {
    /// The places of each series in the lists of colours and styles.
    ///
    /// Of two series that ask for the same style, such as a rule with and without Adam, the second keeps the colour and
    /// gets another marker, while one is free.
    var styles: [Int] {
        let count = SeriesStyle.all.count
        var taken: Set<Int> = []
        return series.enumerated().map { index, series in
            let asked = ((series.style ?? index) % count + count) % count
            let sameColor = stride(from: 0, to: count, by: SeriesStyle.colorCount).map { (asked + $0) % count }
            let style = (sameColor + Array(0..<count)).first { !taken.contains($0) } ?? asked
            taken.insert(style)
            return style
        }
    }
}
