internal import LinearAlgebra
internal import Networks
internal import RealModule

/// Newton's equations with the Hessian written out, one column for each weight.
///
/// The trust region is a Euclidean ball and its subproblem is solved exactly: by a Cholesky
/// factorization if that succeeds and its step is short enough, else by an eigendecomposition,
/// which includes directions of negative curvature and the hard case.
struct WeightSpaceDenseNewton: WeightSpaceNewton {
    private(set) var factorizations = 0
    private(set) var hessianProducts = 0

    private var hessian: Matrix<Double>
    /// The derivatives of the held units' activities, one column for each.
    private var constraints: Matrix<Double>
    private var decomposition: SymmetricEigendecomposition?
    private var newtonStep: Matrix<Double>?

    /// How much stiffer a held unit's constraint is than the Hessian. Each Newton step leaves this
    /// fraction of the constraint's error, and the factorization loses its inverse in digits.
    private static let rigidity = 1e6

    init(_ model: WeightSpaceModel) {
        hessian = Matrix(rows: model.update.count, columns: model.update.count)
        constraints = Matrix(rows: model.update.count, columns: 0)
    }

    /// `√(2αP)`: `‖Δ‖² ≤ 2αP(θ_b)`, `α` the largest learning rate, holds for every point that is lower (T15).
    func initialRadius(_ model: WeightSpaceModel) -> Double {
        (2 * model.learningRates.largest * model.value).squareRoot()
    }

    mutating func step(
        _ model: inout WeightSpaceModel, isNewPoint: Bool, radius: Double, accuracy: Double
    ) -> WeightSpaceStep {
        let gradient = Matrix(column: model.gradient.flattened)
        if isNewPoint {
            assemble(&model)
            decomposition = nil
            newtonStep = nil
            factorizations += 1
            if let factor = try? CholeskyFactorization(hessian) {
                var solution = -1 * gradient
                factor.solveInPlace(&solution)
                newtonStep = solution
            }
        }
        if let newtonStep, newtonStep.norm <= radius {
            return WeightSpaceStep(
                direction: model.update.shaped(newtonStep.elements), length: newtonStep.norm,
                predictedDecrease: -gradient.dot(newtonStep) / 2, isRestricted: false)
        }
        if decomposition == nil {
            factorizations += 1
            decomposition = try? SymmetricEigendecomposition(hessian)
        }
        guard let decomposition else {
            return WeightSpaceStep(
                direction: Parameters(zerosFor: model.architecture), length: 0,
                predictedDecrease: 0, isRestricted: true)
        }
        return Self.restrictedStep(decomposition, gradient, radius, shape: model.update)
    }

    /// The minimiser of the quadratic model on the boundary: `(λᵢ + σ) dᵢ = −gᵢ` in the eigenbasis,
    /// with the shift `σ` for which `‖d‖ = radius`, found by bisection on `1/‖d‖`'s monotone branch.
    private static func restrictedStep(
        _ eigen: SymmetricEigendecomposition, _ gradient: Matrix<Double>, _ radius: Double,
        shape: Parameters<Double>
    ) -> WeightSpaceStep {
        let values = eigen.values
        var components = gradient
        components.assignProduct(eigen.vectors, .transposed, gradient)
        let g = components.elements
        let lowest = max(0, -(values.first ?? 0))
        func squaredLength(_ shift: Double) -> Double {
            var sum = 0.0
            for i in g.indices where g[i] != 0 {
                let entry = g[i] / (values[i] + shift)
                sum += entry * entry
            }
            return sum
        }
        var low = lowest
        var high = lowest + components.norm / radius + .leastNormalMagnitude
        for _ in 0..<200 {
            let middle = low + (high - low) / 2
            if middle <= low || middle >= high { break }
            if squaredLength(middle) > radius * radius { low = middle } else { high = middle }
        }
        var d = g.indices.map { g[$0] == 0 ? 0 : -g[$0] / (values[$0] + high) }
        // The hard case: even the smallest admissible shift gives a step inside the ball, and
        // the lowest eigenvector costs nothing, or pays.
        let length = d.reduce(0) { $0 + $1 * $1 }
        if length < 0.99 * radius * radius, let first = values.first, first < 0 {
            d[0] += (d[0] < 0 ? -1 : 1) * (radius * radius - length).squareRoot()
        }
        var decrease = 0.0
        for i in g.indices { decrease -= d[i] * (g[i] + values[i] * d[i] / 2) }
        let inner = Matrix(column: d)
        var step = inner
        step.assignProduct(eigen.vectors, inner)
        return WeightSpaceStep(
            direction: shape.shaped(step.elements), length: step.norm, predictedDecrease: decrease,
            isRestricted: true)
    }

    mutating func kinkStep(
        _ model: inout WeightSpaceModel, accuracy: Double
    ) -> WeightSpaceKinkStep? {
        assemble(&model)
        let rows = model.heldRows()
        let scale = (0..<hessian.rows).reduce(0) { max($0, abs(hessian[$1, $1])) }
        var stiffened = hessian
        var weighted = constraints
        var stiffness: [Double] = []
        var right = -1 * Matrix(column: model.gradient.flattened)
        for (k, row) in rows.enumerated() {
            let column = constraints.column(k)
            let size = column.reduce(0) { $0 + $1 * $1 }
            let value = size > 0 ? Self.rigidity * scale / size : 0
            stiffness.append(value)
            let activity = model.activities[row.layer].elements[row.index]
            for i in column.indices {
                weighted[i, k] = value.squareRoot() * column[i]
                right[i, 0] -= value * activity * column[i]
            }
        }
        stiffened.assignSymmetricProduct(weighted, keep: 1)
        factorizations += 1
        guard let factor = try? CholeskyFactorization(stiffened) else { return nil }
        factor.solveInPlace(&right)
        var tangents = Matrix<Double>(rows: rows.count, columns: 1)
        tangents.assignProduct(constraints, .transposed, right)
        let changes = rows.enumerated().map { k, row in
            let activity = model.activities[row.layer].elements[row.index]
            let multiplier = stiffness[k] * (activity + tangents[k, 0])
            return Double(model.examples) * multiplier
                / model.feedback[row.layer].elements[row.index]
        }
        return WeightSpaceKinkStep(
            direction: model.update.shaped(right.elements), slopeChanges: changes)
    }

    mutating func smallestCurvature(
        _ model: inout WeightSpaceModel
    ) -> (value: Double, direction: Parameters<Double>)? {
        assemble(&model)
        let basis = constraints.orthonormalBasis(dependence: 1e-10)
        var tangent = hessian
        tangent.mirrorLowerTriangle()
        // (I − QQᵀ)H(I − QQᵀ) + c·QQᵀ with c above every eigenvalue that matters.
        let order = tangent.rows
        let bound = 2 * tangent.norm + 1
        var product = Matrix<Double>(rows: order, columns: basis.columns)
        product.assignProduct(tangent, basis)
        var inner = Matrix<Double>(rows: basis.columns, columns: basis.columns)
        inner.assignProduct(basis, .transposed, product)
        for k in 0..<basis.columns { inner[k, k] += bound }
        var half = product
        half.assignProduct(basis, inner, scale: -0.5, keep: 1)
        tangent.addSymmetricProduct(half, basis, scale: -1)
        factorizations += 1
        // H − QPᵀ − PQᵀ + Q(QᵀP + c)Qᵀ is what the two halves add up to.
        guard let eigen = try? SymmetricEigendecomposition(tangent), let value = eigen.values.first
        else { return nil }
        return (value, model.update.shaped(eigen.vectors.column(0)))
    }

    /// The Hessian and the constraints, by products with unit vectors.
    private mutating func assemble(_ model: inout WeightSpaceModel) {
        let rows = model.heldRows()
        var unit = Parameters<Double>(zerosFor: model.architecture)
        var image = unit
        let count = hessian.rows
        constraints = Matrix(rows: count, columns: rows.count)
        var column = 0
        for n in unit.layers.indices {
            for k in 0..<unit.layers[n].count {
                unit.layers[n].withMutablePointer { $0[k] = 1 }
                model.hessianProduct(unit, into: &image)
                unit.layers[n].withMutablePointer { $0[k] = 0 }
                hessian.withMutablePointer { target in
                    var offset = column * count
                    for layer in image.layers {
                        layer.withPointer { (target + offset).update(from: $0, count: layer.count) }
                        offset += layer.count
                    }
                }
                for (r, row) in rows.enumerated() {
                    constraints[column, r] = model.activityTangents[row.layer].elements[row.index]
                }
                column += 1
            }
        }
        hessianProducts += count
    }
}

extension Parameters<Double> {
    /// The parameters of this shape whose `flattened` are `elements`.
    func shaped(_ elements: [Double]) -> Parameters<Double> {
        var result = self
        var offset = 0
        for n in result.layers.indices {
            let count = result.layers[n].count
            result.layers[n].withMutablePointer { target in
                for k in 0..<count { target[k] = elements[offset + k] }
            }
            offset += count
        }
        return result
    }
}
