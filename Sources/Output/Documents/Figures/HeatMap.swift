/// A coloured square for each pair of a row and a column, with its category written in it.
public struct HeatMap: Sendable, Equatable {
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

    /// What columns are, below the map.
    public var xTitle: String
    /// What rows are, beside it.
    public var yTitle: String
    /// From left to right.
    public var columns: [String]
    /// From top to bottom.
    public var rows: [String]
    /// In the order of the legend.
    public var categories: [Category]
    /// `rows.count` lists of `columns.count` indices into `categories`; `nil` where there is no value.
    public var squares: [[Int?]]
    /// A few words under the symbol of each square, such as how narrow it was; empty without any.
    public var remarks: [[String]]

    /// A map. Short rows of squares and remarks are filled up with missing ones, long ones cut; an index of no category
    /// counts as missing.
    public init(
        xTitle: String, columns: [String], yTitle: String, rows: [String], categories: [Category],
        squares: [[Int?]], remarks: [[String]] = []
    ) {
        self.xTitle = xTitle
        self.yTitle = yTitle
        self.columns = columns
        self.rows = rows
        self.categories = categories
        self.remarks =
            remarks.isEmpty
            ? []
            : rows.indices.map { row in
                let given = remarks.indices.contains(row) ? remarks[row] : []
                return columns.indices.map { given.indices.contains($0) ? given[$0] : "" }
            }
        self.squares = rows.indices.map { row in
            let given = squares.indices.contains(row) ? squares[row] : []
            return columns.indices.map { column in
                let index = given.indices.contains(column) ? given[column] : nil
                return index.flatMap { categories.indices.contains($0) ? $0 : nil }
            }
        }
    }

    /// The words in a square.
    package func text(_ square: Int?) -> String { square.map { categories[$0].symbol } ?? "–" }

    /// What stands below them; empty for nothing.
    package func remark(_ row: Int, _ column: Int) -> String { remarks.isEmpty ? "" : remarks[row][column] }

    var summary: String {
        let counts = categories.enumerated().map { index, category in
            "\(category.label): \(squares.joined().count { $0 == index })"
        }
        let lines = zip(rows, squares).enumerated().map { index, line in
            "\(line.0): "
                + line.1.enumerated().map { column, square in
                    let remark = remark(index, column)
                    return text(square) + (remark.isEmpty ? "" : " (\(remark))")
                }.joined(separator: " ")
        }
        return "Heat map of \(rows.count) rows (\(yTitle)) by \(columns.count) columns (\(xTitle)). "
            + counts.joined(separator: "; ") + ". " + lines.joined(separator: "; ") + "."
    }
}
