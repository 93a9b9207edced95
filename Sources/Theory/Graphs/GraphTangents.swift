package import LinearAlgebra
package import Networks

/// Derivatives of the two passes of a graph at one point, as `TangentPass` has them for chains.
package struct GraphTangents: Sendable {
    /// `ḣ₁ … ḣ_N` along the last direction.
    package private(set) var activities: PerLayer<Matrix<Double>>
    /// `ȧ₁ … ȧ_{N−1}`.
    private var rates: PerLayer<Matrix<Double>>
    /// For each edge, the change of what its map with parameters is given; `nil` from the input, which does not change.
    private var entered: PerLayer<[Matrix<Double>?]>

    package init(_ pass: GraphPass) {
        activities = pass.activities
        rates = pass.activities.dropLast()
        entered = pass.activities.mapValues { _ in [] }
    }

    /// The derivatives of all activities along `direction`.
    package mutating func linearize(_ pass: GraphPass, along direction: Parameters<Double>) {
        let architecture = pass.architecture
        for n in architecture.nodes.indices {
            activities[n].scale(by: 0)
            entered[n].removeAll(keepingCapacity: true)
            for (k, edge) in architecture.nodes[n].edges.enumerated() {
                let change = edge.source > 0 ? edge.enter(rates[edge.source]) : nil
                entered[n].append(change)
                if let map = edge.weighted {
                    var made = map.predict(pass.entered[n][k], direction)
                    if let change { made.add(map.propagate(change, pass.parameters)) }
                    activities[n].add(edge.leave(made))
                } else if let change {
                    activities[n].add(edge.leave(change))
                }
            }
            if n < architecture.depth { rates[n].assign(pass.slopes[n], timesElementwise: activities[n]) }
        }
    }

    /// `Σ (∂hₙ/∂w)ᵀ uₙ` for weights `uₙ` on the activities.
    package func pullBack(_ seeds: PerLayer<Matrix<Double>>, through pass: GraphPass) -> Parameters<Double> {
        let architecture = pass.architecture
        var result = architecture.zero
        var feedback = pass.slopes.mapValues { Matrix<Double>(rows: $0.rows, columns: $0.columns) }
        var errors = seeds
        for n in architecture.nodes.indices.reversed() {
            if n < architecture.depth { errors[n].add(pass.slopes[n], timesElementwise: feedback[n]) }
            for (k, edge) in architecture.nodes[n].edges.enumerated() {
                let error = edge.pullBackLeaving(errors[n])
                edge.weighted?.addPullBack(error, pass.entered[n][k], to: &result)
                guard edge.source > 0 else { continue }
                let back = edge.weighted.map { $0.pullBack(error, pass.parameters) } ?? error
                feedback[edge.source].add(edge.pullBackEntering(back))
            }
        }
        return result
    }

    /// `∇²L v`, by differentiating both passes along `v` (Pearlmutter 1994); leaves `linearize(along: v)`.
    ///
    /// - Parameter bends: `φ″ₙ ⊙ ∂ℓ/∂aₙ` of the hidden nodes.
    package mutating func hessianProduct(
        _ direction: Parameters<Double>, at pass: GraphPass, bends: PerLayer<Matrix<Double>>, _ loss: Loss,
        targets: Matrix<Double>
    ) -> Parameters<Double> {
        linearize(pass, along: direction)
        let architecture = pass.architecture
        var result = architecture.zero
        var feedback = pass.slopes.mapValues { Matrix<Double>(rows: $0.rows, columns: $0.columns) }
        var error = pass.logits
        loss.hessianProduct(pass.logits, targets: targets, direction: activities[architecture.depth], into: &error)
        for n in architecture.nodes.indices.reversed() {
            if n < architecture.depth {
                error = feedback[n]
                error.multiply(elementwise: pass.slopes[n])
                error.add(bends[n], timesElementwise: activities[n])
            }
            for (k, edge) in architecture.nodes[n].edges.enumerated() {
                let changed = edge.pullBackLeaving(error)
                guard let map = edge.weighted else {
                    if edge.source > 0 { feedback[edge.source].add(edge.pullBackEntering(changed)) }
                    continue
                }
                map.addPullBack(changed, pass.entered[n][k], to: &result)
                if let change = entered[n][k] { map.addPullBack(pass.returned[n][k], along: change, to: &result) }
                guard edge.source > 0 else { continue }
                var back = map.pullBack(changed, pass.parameters)
                back.add(map.pullBack(pass.returned[n][k], direction))
                feedback[edge.source].add(edge.pullBackEntering(back))
            }
        }
        result.scale(by: 1 / Double(targets.columns))
        return result
    }
}
