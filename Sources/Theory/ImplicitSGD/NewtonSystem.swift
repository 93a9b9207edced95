internal import LinearAlgebra
internal import Networks

/// The Newton matrix of a layered energy at one point: the Hessian on the units that are off their kinks,
/// shifted along the proximal metric, and its factorization.
///
/// Matrix and factor share one storage, which goes back and forth between them.
struct NewtonSystem<Energy: LayeredEnergy> {
    /// Factorizations so far, failed ones included.
    private(set) var factorizations = 0
    private var curvatures: PerLayer<Matrix<Double>>
    private var hessian: BlockTridiagonalMatrix
    private var workspace: Energy.Workspace
    private var factor: BlockTridiagonalCholesky
    /// Whether `factor` has taken the storage of `hessian`.
    private var isTaken = false

    init(_ energy: Energy) {
        curvatures = energy.activities[energy.architecture.hiddenLayers]
        hessian = BlockTridiagonalMatrix(uninitializedOrders: energy.blockOrders)
        workspace = energy.makeWorkspace()
        factor = BlockTridiagonalCholesky(orders: energy.blockOrders)
    }

    /// Writes the Hessian at the last differentiated point.
    mutating func assemble(_ energy: Energy, _ kinks: KinkState) {
        for n in energy.architecture.hiddenLayers {
            energy.architecture.activation(ofLayer: n).curvature(
                energy.activities[n], into: &curvatures[n])
        }
        assembleFromCurvatures(energy, kinks)
    }

    private mutating func assembleFromCurvatures(_ energy: Energy, _ kinks: KinkState) {
        if isTaken { factor.giveBackStorage(to: &hessian) }
        isTaken = false
        energy.assembleHessian(
            slopes: kinks.freeSlopes, curvatures: curvatures, workspace: &workspace, into: &hessian)
        kinks.restrict(&hessian)
    }

    /// Factorizes `H + λM`, `M` the energy's precisions; false if that is not positive definite.
    mutating func factorize(_ energy: Energy, _ kinks: KinkState, shiftedBy shift: Double) -> Bool {
        if isTaken { assembleFromCurvatures(energy, kinks) }
        if shift > 0 { energy.addMetric(scaledBy: shift, to: &hessian) }
        factorizations += 1
        isTaken = true
        do {
            try factor.factorize(taking: &hessian)
            return true
        } catch {
            return false
        }
    }

    /// `vector ← (H + λM)⁻¹ vector` with the last factorization, which must have succeeded.
    func solve(_ vector: inout PerLayer<Matrix<Double>>) {
        factor.solveVectorInPlace(&vector.elements)
    }

    /// A unit vector of almost the lowest curvature of `H`, and its curvature: inverse iteration with a shift
    /// that makes `H` definite. `nil` if no shift does.
    mutating func lowestCurvature(
        _ energy: Energy, _ kinks: KinkState
    ) -> (value: Double, vector: PerLayer<Matrix<Double>>)? {
        var shift = DescentParameters.firstCurvatureShift
        while !factorize(energy, kinks, shiftedBy: shift) {
            shift *= DescentParameters.shiftGrowth
            if shift > DescentParameters.largestShift { return nil }
        }
        // Without structure, so that every eigenvector has a part in it.
        var start = energy.origin
        for n in start.indices {
            start[n] = Matrix(rows: start[n].rows, columns: start[n].columns) { i, j in
                ((i + j * start[n].rows) * 7 + n - 1) % 5 < 2 ? -1 : 1
            }
        }
        kinks.restrict(&start)
        let (_, vector) = factor.smallestEigenpair(startingFrom: start.map(\.asColumn))
        assembleFromCurvatures(energy, kinks)
        let image = hessian.times(vector)
        let quotient = zip(vector, image).reduce(0) { $0 + $1.0.dot($1.1) }
        let shaped = PerLayer(
            from: start.startIndex,
            zip(vector, start).map { $0.reshaped(rows: $1.rows, columns: $1.columns) })
        return (quotient, shaped)
    }
}
