/// A picture of results, free of any drawing program: what a ``Table`` shows at a glance.
///
/// A chart says what is drawn; the module `Charts` knows how. All strings are plain text, and no string can be
/// taken for markup by a renderer. Whoever makes a table makes its charts beside it:
///
/// ```swift
/// table.charts = [
///     Chart(
///         title: "Test accuracy", subtitle: "64-32-10 relu, digits, 5 seeds",
///         content: .lines(
///             LineChart(
///                 x: Axis("learning rate α", .logarithmic), y: Axis("test accuracy", .linear, range: 0...1),
///                 series: rules.map { LineChart.Series($0.name, points(of: $0)) })))
/// ]
/// ```
public struct Chart: Sendable, Equatable {
    /// What is drawn.
    public enum Content: Sendable, Equatable {
        /// Curves with quartile bands over two axes.
        case lines(LineChart)
        /// A category for each pair of a row and a column.
        case heatMap(HeatMap)
        /// One mark for each row, by verdict.
        case dots(DotPlot)
    }

    /// What the chart shows; its heading.
    public var title: String
    /// Under what conditions, and what bands mean: one line under the title, or none.
    public var subtitle: String
    public var content: Content

    public init(title: String, subtitle: String = "", content: Content) {
        self.title = title
        self.subtitle = subtitle
        self.content = content
    }

    /// The chart in words, for those who cannot see it.
    ///
    /// Names every series, row and category with its first and last value or its count, so that it can
    /// stand as alternative text.
    public var summary: String {
        switch content {
        case .lines(let chart): chart.summary
        case .heatMap(let chart): chart.summary
        case .dots(let chart): chart.summary
        }
    }
}

/// One axis: its words, its scale, and its ends where the data should not decide them.
public struct Axis: Sendable, Equatable {
    /// How values become lengths.
    public enum Scale: String, Sendable, Equatable, CaseIterable {
        case linear
        /// Shows positive values only.
        case logarithmic

        /// Whether a value has a place on an axis of this scale.
        public func shows(_ value: Double) -> Bool {
            value.isFinite && (self == .linear || value > 0)
        }
    }

    public var title: String
    public var scale: Scale
    /// The ends of the axis; `nil` means that the data and a small margin decide. Ignored where it has no
    /// place on the scale.
    public var range: ClosedRange<Double>?

    public init(_ title: String, _ scale: Scale, range: ClosedRange<Double>? = nil) {
        self.title = title
        self.scale = scale
        self.range = range
    }
}
