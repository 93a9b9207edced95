/// What can go wrong in a factorization or a checked construction.
public enum LinearAlgebraError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The number of elements is not `rows × columns`.
    case elementCount(rows: Int, columns: Int, found: Int)
    /// Two operands do not fit: `operation` says which product or solve.
    case shapeMismatch(operation: String, left: String, right: String)
    /// An element is NaN or infinite. LAPACK would answer wrongly, so it is never called.
    case notFinite(operation: String)
    /// A Cholesky pivot was not positive: the leading minor of this order is not positive definite.
    case notPositiveDefinite(leadingMinor: Int)
    /// In a block factorization from the last block to the first, block `block` was not positive
    /// definite once the blocks after it were eliminated.
    case notPositiveDefiniteBlock(block: Int)
    /// An iterative LAPACK routine did not converge (`info > 0`).
    case noConvergence(routine: String, info: Int)
    /// LAPACK rejected an argument (`info < 0`): a defect of this library.
    case invalidArgument(routine: String, info: Int)

    public var description: String {
        switch self {
        case .elementCount(let rows, let columns, let found):
            // No product here: it may overflow.
            "a \(rows)×\(columns) matrix needs \(rows)·\(columns) elements, found \(found)"
        case .shapeMismatch(let operation, let left, let right):
            "\(operation): shapes \(left) and \(right) do not fit"
        case .notFinite(let operation):
            "\(operation): the input contains NaN or infinite values"
        case .notPositiveDefinite(let minor):
            "the matrix is not positive definite: its leading minor of order \(minor) is not positive"
        case .notPositiveDefiniteBlock(let block):
            "the matrix is not positive definite: elimination from the end fails at block \(block)"
        case .noConvergence(let routine, let info):
            "\(routine) did not converge (info = \(info))"
        case .invalidArgument(let routine, let info):
            "\(routine) rejected its argument \(-info)"
        }
    }
}
