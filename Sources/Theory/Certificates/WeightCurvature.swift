internal import ImplicitSGD
internal import Intervals
internal import LinearAlgebra
internal import Networks

/// `∇²P_α` itself for small networks, where the rates are dependent over the mini-batch and the
/// form over activities does not exist.
struct WeightCurvature {
    let problem: ProximalProblem
    let update: Parameters<Double>
    let pass: CertifyingPass

    /// The largest number of weights.
    static let orderLimit = 600

    init?(_ problem: ProximalProblem, _ update: Parameters<Double>, _ pass: CertifyingPass) {
        guard update.count <= Self.orderLimit else { return nil }
        self.problem = problem
        self.update = update
        self.pass = pass
    }

    /// `α∇²P` of the network that is linear at kinks, with the given slopes.
    func matrix(kinkedUnits: [KinkedUnit]) -> Matrix<Double> {
        let linearization = problem.linearization(after: update, kinkedUnits: kinkedUnits)
        let order = update.count
        let metric = update.layers.enumerated().flatMap { n, layer in
            Array(repeating: problem.rates.isUniform ? 1 : problem.learningRate / problem.rates[n], count: layer.count)
        }
        var result = Matrix<Double>(rows: order, columns: order)
        for column in 0..<order {
            var product = linearization.hessianVectorProduct(moving(column))
            problem.held.clear(&product, in: problem.network.architecture)
            let image = product.flattened
            for row in column..<order {
                result[row, column] = problem.learningRate * image[row] + (row == column ? metric[row] : 0)
            }
        }
        return result
    }

    /// The direction of one weight; nothing if it is held.
    private func moving(_ index: Int) -> Parameters<Double> {
        var direction = update.unitVector(index)
        problem.held.clear(&direction, in: problem.network.architecture)
        return direction
    }

    /// The derivatives of the activities of some units by the weights, one row for each unit.
    func derivatives(of units: [KinkedUnit], slopes: [Matrix<Double>]) -> Matrix<Double> {
        let architecture = problem.network.architecture
        let weights = problem.network.updated(by: update).parameters.layers
        var result = Matrix<Double>(rows: units.count, columns: update.count)
        for column in 0..<update.count {
            let direction = moving(column)
            var tangents: [Matrix<Double>] = []
            for n in 0..<architecture.depth {
                var tangent = pass.activities[n].center
                let layer = architecture.weightLayers[n]
                layer.predict(pass.rates[n].center, weights: direction.layers[n], into: &tangent)
                if n > 0 {
                    var rateTangent = tangents[n - 1]
                    rateTangent.multiply(elementwise: slopes[n - 1])
                    layer.propagate(rateTangent, weights: weights[n], scale: 1, keep: 1, into: &tangent)
                }
                tangents.append(tangent)
            }
            for (row, unit) in units.enumerated() {
                result[row, column] = tangents[unit.layer - 1][unit.unit, unit.example]
            }
        }
        return result
    }
}

extension Parameters<Double> {
    /// The same shapes with the given elements, in the order of `flattened`.
    func filled(with elements: [Double]) -> Parameters {
        var result = self
        var next = 0
        for n in result.layers.indices {
            let start = next
            next += result.layers[n].count
            result.layers[n].withMutablePointer { target in
                for k in start..<next { target[k - start] = elements[k] }
            }
        }
        return result
    }

    /// The direction of one weight.
    func unitVector(_ index: Int) -> Parameters {
        var elements = Array(repeating: 0.0, count: count)
        elements[index] = 1
        return filled(with: elements)
    }
}
