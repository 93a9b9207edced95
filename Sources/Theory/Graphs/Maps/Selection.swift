internal import LinearAlgebra

/// A map that picks entries: entry `k` of the result is entry `indices[k]` of the source, no two the same.
struct Selection: Hashable, Sendable {
    let indices: [Int]
    let sourceCount: Int

    func apply(_ source: Matrix<Double>) -> Matrix<Double> {
        precondition(source.rows == sourceCount)
        let count = indices.count
        var result = Matrix<Double>(uninitializedRows: count, columns: source.columns)
        result.withMutablePointer { target in
            source.withPointer { x in
                for j in 0..<source.columns {
                    for k in 0..<count { target[k + j * count] = x[indices[k] + j * sourceCount] }
                }
            }
        }
        return result
    }

    func pullBack(_ errors: Matrix<Double>) -> Matrix<Double> {
        precondition(errors.rows == indices.count)
        let count = indices.count
        var result = Matrix<Double>(rows: sourceCount, columns: errors.columns)
        result.withMutablePointer { target in
            errors.withPointer { e in
                for j in 0..<errors.columns {
                    for k in 0..<count { target[indices[k] + j * sourceCount] = e[k + j * count] }
                }
            }
        }
        return result
    }
}
