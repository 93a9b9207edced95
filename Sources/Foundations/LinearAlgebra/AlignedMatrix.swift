/// A left factor that is multiplied often, at an address that begins a cache line.
///
/// The AVX-512 kernels that compute in place (`BLASLibrary.columnsAtOnce`) read whole vectors of it:
/// a product took 48 µs from such an address and 75 µs from others. Arrays begin anywhere, so this
/// one has room for a shift. A copy that moves elsewhere is right but slow until assigned again.
package struct AlignedMatrix<Scalar: BLASScalar>: Sendable {
    package let rows: Int
    package let columns: Int
    private var storage: [Scalar]
    private var offset = 0

    /// A matrix of zeros.
    package init(rows: Int, columns: Int) {
        self.rows = max(0, rows)
        self.columns = max(0, columns)
        storage = Array(
            repeating: 0, count: self.rows * self.columns + BLASLibrary.cacheLine / MemoryLayout<Scalar>.stride)
    }

    /// `self ← other`; further columns of `other` are left out.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    package mutating func assign(_ other: Matrix<Scalar>) {
        precondition(rows == other.rows && columns <= other.columns)
        let count = rows * columns
        withAlignedPointer { target in other.withPointer { target.update(from: $0, count: count) } }
    }

    /// `self ← otherᵀ`, by square blocks that stay in the cache; further columns of `other` are left out.
    @specialized(where Scalar == Double)
    @specialized(where Scalar == Float)
    package mutating func assignTranspose(of other: Matrix<Scalar>) {
        precondition(columns == other.rows && rows <= other.columns)
        let (height, width, block) = (rows, columns, 16)
        withAlignedPointer { target in
            other.withPointer { source in
                for firstColumn in stride(from: 0, to: width, by: block) {
                    for firstRow in stride(from: 0, to: height, by: block) {
                        let count = min(block, height - firstRow)
                        for j in firstColumn..<min(width, firstColumn + block) {
                            // Pointers that move: an index into the source would be checked for
                            // overflow at every element.
                            let to = target + (firstRow + j * height)
                            var from = source + (j + firstRow * width)
                            for i in 0..<count {
                                to[i] = from.pointee
                                from += width
                            }
                        }
                    }
                }
            }
        }
    }

    private mutating func withAlignedPointer(_ body: (UnsafeMutablePointer<Scalar>) -> Void) {
        offset = storage.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return 0 }
            let excess = Int(bitPattern: base) % BLASLibrary.cacheLine
            let shift = (BLASLibrary.cacheLine - excess) % BLASLibrary.cacheLine / MemoryLayout<Scalar>.stride
            body(base + shift)
            return shift
        }
    }

    fileprivate func withPointer(_ body: (UnsafePointer<Scalar>) -> Void) {
        storage.withUnsafeBufferPointer { buffer in
            if let base = buffer.baseAddress { body(base + offset) }
        }
    }
}

extension Matrix {
    /// `self ← a b + keep · self`, without allocation.
    ///
    /// With `keep` 0 the former content is not read.
    package mutating func assignProduct(
        _ a: AlignedMatrix<Scalar>, _ b: Matrix, keep: Scalar = 0
    ) {
        precondition(
            a.rows == rows && a.columns == b.rows && b.columns == columns,
            "product of \(a.rows)×\(a.columns) and \(b.shape) into \(shape)")
        if count == 0 { return }
        if a.columns == 0 { return scale(by: keep) }
        let width = columns
        withMutablePointer { c in
            a.withPointer { pa in
                b.withPointer { pb in
                    Scalar._gemm(
                        .none, .none, a.rows, width, a.columns, 1, pa, a.rows, pb, a.columns, keep,
                        c, a.rows)
                }
            }
        }
    }
}
