public import LinearAlgebra

/// A tensor of parameters of a graph, which may be used in several places.
public struct GraphTensor: Sendable, Hashable {
    /// What it is wherever it is used.
    public enum Role: String, Sendable, Hashable {
        /// out × in, also where its transpose is used.
        case dense = "the weight of a dense map"
        /// out × in of a group × height × width, or without the height.
        case convolution = "the weight of a convolution"
        /// One number for each output or channel.
        case bias = "a bias"
    }

    /// As in the file.
    public let name: String
    public let shape: [Int]
    public let role: Role

    /// The shape of the matrix that holds it: a row for each output.
    var rows: Int { shape[0] }
    var columns: Int { shape.dropFirst().reduce(1, *) }

    /// The matrix of the values in the file's order, row by row.
    ///
    /// - Precondition: as many values as the shape says.
    public func matrix(rowMajor values: [Double]) -> Matrix<Double> {
        var result = Matrix<Double>(rows: rows, columns: columns)
        let places = self.places
        for i in 0..<rows { for j in 0..<columns { result[i, places[j]] = values[i * columns + j] } }
        return result
    }

    /// The values of a matrix in the file's order.
    public func rowMajor(_ matrix: Matrix<Double>) -> [Double] {
        let places = self.places
        return (0..<rows).flatMap { i in places.map { matrix[i, $0] } }
    }

    /// The column of each entry of a row.
    private var places: [Int] {
        guard let row = ActivityShape(Array(shape.dropFirst())) else { return Array(0..<columns) }
        return (0..<columns).map(row.place(ofRowMajorIndex:))
    }
}
