/// A coloured square for each pair of a row and a column, with its value or category written in it.
public struct HeatMap: Sendable, Equatable {
    /// What one square shows.
    public enum Square: Sendable, Equatable {
        case value(Double)
        /// An index into ``HeatMap/categories``.
        case category(Int)
        case missing
    }

    /// A kind of square, such as *diverged*.
    public struct Category: Sendable, Equatable {
        public var label: String
        /// One or two characters that stand in the square, so that colour alone says nothing.
        public var symbol: String
        /// Whose colour it has: that of a series of this style, so that a rule looks the same in maps and curves;
        /// `nil` means its place in the legend, after the first colour.
        public var style: Int?

        public init(_ label: String, symbol: String, style: Int? = nil) {
            self.label = label
            self.symbol = symbol
            self.style = style
        }

        /// The words of the legend.
        package var legend: String { symbol == label ? label : "\(symbol)  \(label)" }
    }

    /// What columns are.
    public var xTitle: String
    /// What rows are.
    public var yTitle: String
    public var columns: [String]
    public var rows: [String]
    /// `rows.count` lists of `columns.count` squares, from the top row down.
    public var squares: [[Square]]
    public var categories: [Category]
    /// What values measure; its scale decides how they become colours.
    public var value: Axis

    /// A map of numbers.
    ///
    /// - Parameter values: rows from top to bottom; `nil` where there is none. Short rows are filled up
    ///   with missing squares, long ones cut.
    /// - Parameter xTitle: the words below the map.
    /// - Parameter columns: names of the columns, from left to right.
    /// - Parameter yTitle: the words beside it.
    /// - Parameter rows: names of the rows, from top to bottom.
    /// - Parameter value: what values measure, and how they become colours.
    public init(
        xTitle: String, columns: [String], yTitle: String, rows: [String], value: Axis,
        values: [[Double?]]
    ) {
        self.init(
            xTitle: xTitle, columns: columns, yTitle: yTitle, rows: rows, value: value,
            squares: values.map { $0.map { $0.map { .value($0) } ?? .missing } }, categories: [])
    }

    /// A map of categories.
    ///
    /// - Parameter squares: an index into `categories` for each square, `nil` where there is none.
    /// - Parameter xTitle: the words below the map.
    /// - Parameter columns: names of the columns, from left to right.
    /// - Parameter yTitle: the words beside it.
    /// - Parameter rows: names of the rows, from top to bottom.
    /// - Parameter categories: in the order of the legend.
    public init(
        xTitle: String, columns: [String], yTitle: String, rows: [String], categories: [Category],
        squares: [[Int?]]
    ) {
        self.init(
            xTitle: xTitle, columns: columns, yTitle: yTitle, rows: rows,
            value: Axis("", .linear),
            squares: squares.map { row in
                row.map { index in
                    guard let index, categories.indices.contains(index) else { return .missing }
                    return .category(index)
                }
            }, categories: categories)
    }

    private init(
        xTitle: String, columns: [String], yTitle: String, rows: [String], value: Axis,
        squares: [[Square]], categories: [Category]
    ) {
        self.xTitle = xTitle
        self.yTitle = yTitle
        self.columns = columns
        self.rows = rows
        self.value = value
        self.categories = categories
        self.squares = rows.indices.map { row in
            let given = squares.indices.contains(row) ? squares[row] : []
            return columns.indices.map { given.indices.contains($0) ? given[$0] : .missing }
        }
    }

    /// The words in a square.
    package func text(_ square: Square) -> String {
        switch square {
        case .value(let value): NumberFormat.significant(2).string(value)
        case .category(let index): categories[index].symbol
        case .missing: "–"
        }
    }

    /// Where a value lies between the smallest (0) and the largest (1) shown; `nil` without a place.
    package func position(_ value: Double) -> Double? {
        let shown = squares.joined().compactMap { square -> Double? in
            guard case .value(let value) = square, self.value.scale.shows(value) else { return nil }
            return value
        }
        guard self.value.scale.shows(value), let low = self.value.range?.lowerBound ?? shown.min(),
            let high = self.value.range?.upperBound ?? shown.max()
        else { return nil }
        let place = self.value.place(value, from: low, to: high)
        return min(max(place, 0), 1)
    }

    var summary: String {
        var words = "Heat map of "
        if categories.isEmpty { words += "\(value.title), " }
        words += "\(rows.count) rows (\(yTitle)) by \(columns.count) columns (\(xTitle)). "
        if !categories.isEmpty {
            let counts = categories.enumerated().map { index, category in
                let count = squares.joined().filter { $0 == .category(index) }.count
                return "\(category.label): \(count)"
            }
            words += counts.joined(separator: "; ") + ". "
        }
        let lines = zip(rows, squares).map { row, squares in
            "\(row): " + squares.map(text).joined(separator: " ")
        }
        return words + lines.joined(separator: "; ") + "."
    }
}
