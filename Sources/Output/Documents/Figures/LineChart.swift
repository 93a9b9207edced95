/// Curves over two axes, each with a band, and the slopes that theory predicts.
public struct LineChart: Sendable, Equatable {
    /// One curve.
    public struct Series: Sendable, Equatable {
        public var label: String
        public var points: [Point]
        /// Which colour, marker and dashes the curve has, so that a rule looks the same in all charts;
        /// `nil` means its place in the chart.
        public var style: Int?

        public init(_ label: String, _ points: [Point], style: Int? = nil) {
            self.label = label
            self.points = points
            self.style = style
        }
    }

    /// One value of a curve with the quartiles around it.
    public struct Point: Sendable, Equatable {
        public var x: Double
        public var y: Double
        /// The ends of the band; both `nil` where there is only a value.
        public var lower: Double?
        public var upper: Double?

        public init(x: Double, y: Double, lower: Double? = nil, upper: Double? = nil) {
            self.x = x
            self.y = y
            self.lower = lower
            self.upper = upper
        }
    }

    /// A curve that theory predicts near one end: y = y₀·(x/x₀)^order through the first shown point of a
    /// series. Drawn on two logarithmic axes, where it is straight, and nowhere else.
    public struct PredictedOrder: Sendable, Equatable {
        /// The label of the series whose first point it passes through.
        public var series: String
        public var order: Double
        /// Where the prediction comes from, such as `T6`.
        public var source: String

        public init(series: String, order: Double, source: String) {
            self.series = series
            self.order = order
            self.source = source
        }
    }

    /// What the ends of the bands are.
    public enum Band: Sendable, Equatable {
        case quartiles, standardDeviation

        package var lower: String { self == .quartiles ? "lower quartile" : "one sd below" }
        package var upper: String { self == .quartiles ? "upper quartile" : "one sd above" }
        package var words: String { self == .quartiles ? "between the quartiles" : "one standard deviation to each side" }
    }

    public var x: Axis
    public var y: Axis
    public var series: [Series]
    public var orders: [PredictedOrder]
    public var band: Band

    public init(x: Axis, y: Axis, series: [Series], orders: [PredictedOrder] = [], band: Band = .quartiles) {
        self.band = band
        self.x = x
        self.y = y
        self.series = series
        self.orders = orders
    }

    /// The points of a series that have a place on both axes.
    package func shown(_ series: Series) -> [Point] {
        series.points.filter { x.scale.shows($0.x) && y.scale.shows($0.y) }
    }

    /// Runs of neighbouring points that are all shown: a curve does not bridge what has no place.
    package func runs(_ series: Series) -> [[Point]] {
        series.points.split { !x.scale.shows($0.x) || !y.scale.shows($0.y) }.map(Array.init)
    }

    /// The label of a series, with what became of points that have no place on the axes.
    package func legend(_ series: Series) -> String {
        let missing = series.points.count - shown(series).count
        if missing == 0, !series.points.isEmpty { return series.label }
        if series.points.isEmpty { return series.label + " (no value)" }
        let values = series.points.filter { !y.scale.shows($0.y) }.map(\.y)
        let reason =
            if values.allSatisfy({ $0 == 0 }) { "0" }
            else if values.allSatisfy(\.isFinite) { "≤ 0" }
            else if values.allSatisfy({ !$0.isFinite }) { "not finite" }
            else { "not shown" }
        return missing == series.points.count
            ? "\(series.label) (\(reason))" : "\(series.label) (\(missing) × \(reason))"
    }

    /// The predicted orders that can be drawn, each with the point it passes through.
    package var drawnOrders: [(order: PredictedOrder, through: Point)] {
        guard x.scale == .logarithmic, y.scale == .logarithmic else { return [] }
        return orders.compactMap { order in
            guard let series = series.first(where: { $0.label == order.series }),
                let first = shown(series).min(by: { $0.x < $1.x })
            else { return nil }
            return (order, first)
        }
    }

    /// One legend entry for each order, with the sources of all its lines.
    package var orderLegends: [(order: Double, text: String)] {
        var result: [(order: Double, sources: [String])] = []
        for (order, _) in drawnOrders {
            if let known = result.firstIndex(where: { $0.order == order.order }) {
                if !result[known].sources.contains(order.source) {
                    result[known].sources.append(order.source)
                }
            } else {
                result.append((order.order, [order.source]))
            }
        }
        return result.map { order, sources in
            (order, "slope \(NumberFormat.setting.string(order)) (\(sources.joined(separator: ", ")))")
        }
    }

    var summary: String {
        let format = NumberFormat.significant(2)
        let curves = series.map { series in
            guard let first = series.points.first, let last = series.points.last else {
                return "\(series.label): no values"
            }
            let setting = NumberFormat.setting
            return "\(series.label): \(format.string(first.y)) at \(setting.string(first.x)) to "
                + "\(format.string(last.y)) at \(setting.string(last.x))"
        }
        return "Line chart of \(y.title) against \(x.title), \(series.count) series. "
            + curves.joined(separator: "; ") + "."
    }
}

extension LineChart.Point {
    /// The value of a cell of numbers, with its quartiles or interval as band; `nil` for any other cell.
    public init?(x: Double, _ cell: Cell) {
        switch cell {
        case .integer(let value): self.init(x: x, y: Double(value))
        case .number(let value): self.init(x: x, y: value)
        case .quartiles(let middle, let lower, let upper), .interval(let middle, let lower, let upper):
            self.init(x: x, y: middle, lower: lower, upper: upper)
        case .enclosure(let lower, let upper):
            self.init(x: x, y: lower / 2 + upper / 2, lower: lower, upper: upper)
        case .text, .boolean, .missing: return nil
        }
    }
}
