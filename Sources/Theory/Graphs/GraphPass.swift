package import LinearAlgebra
package import Networks

/// The feedforward pass of a graph and the backward pass through it.
///
/// Like `Pass` for chains: `runForward` fills activities and rates, `runBackward` the rest. What each edge's map with
/// parameters was given, and what error it was given back, are kept: derivatives by parameters need both.
package struct GraphPass: Sendable {
    package let architecture: GraphArchitecture
    package var parameters: Parameters<Double>
    /// `h₁ … h_N`.
    package private(set) var activities: PerLayer<Matrix<Double>>
    /// `a₀ … a_{N−1}`.
    package private(set) var rates: PerLayer<Matrix<Double>>
    /// `φ′₁ … φ′_{N−1}`.
    package var slopes: PerLayer<Matrix<Double>>
    /// `∂ℓᵢ/∂aₙ` of the hidden nodes, not divided by `B`.
    package private(set) var feedback: PerLayer<Matrix<Double>>
    /// `δₙ = ∂ℓᵢ/∂hₙ` for `n = 1…N`, not divided by `B`.
    package private(set) var errors: PerLayer<Matrix<Double>>
    /// For each edge of each node, what its map with parameters is given.
    package private(set) var entered: PerLayer<[Matrix<Double>]>
    /// For each edge of each node, the error at the output of its map with parameters.
    package private(set) var returned: PerLayer<[Matrix<Double>]>

    /// Room for a pass; inputs in the order of nodes, one example in each column.
    package init(_ architecture: GraphArchitecture, parameters: Parameters<Double>, inputs: Matrix<Double>) {
        self.architecture = architecture
        self.parameters = parameters
        activities = architecture.nodes.mapValues { Matrix(rows: $0.shape.count, columns: inputs.columns) }
        rates = PerLayer(from: 0, [inputs] + activities.dropLast())
        slopes = activities.dropLast()
        feedback = slopes
        errors = activities
        entered = activities.mapValues { _ in [] }
        returned = entered
    }

    /// `h_N`, the outputs.
    package var logits: Matrix<Double> { activities[architecture.depth] }

    package mutating func runForward() {
        let nodes = architecture.nodes
        runForward { n, activity, rate in nodes[n].activation.evaluate(activity, into: &rate) }
    }

    /// The same with another `φ`: `activate` writes the rates of a hidden node.
    package mutating func runForward(activate: (_ node: Int, Matrix<Double>, inout Matrix<Double>) -> Void) {
        for n in architecture.nodes.indices {
            activities[n].scale(by: 0)
            entered[n].removeAll(keepingCapacity: true)
            for edge in architecture.nodes[n].edges {
                let given = edge.enter(rates[edge.source])
                let made = edge.weighted.map { $0.predict(given, parameters) } ?? given
                activities[n].add(edge.leave(made))
                entered[n].append(given)
            }
            if n < architecture.depth { activate(n, activities[n], &rates[n]) }
        }
    }

    /// `φ′ₙ(hₙ)` of every hidden node.
    package mutating func assignSlopes() {
        for n in architecture.hiddenNodes { architecture.nodes[n].activation.slope(activities[n], into: &slopes[n]) }
    }

    /// `δ_N ← ∇ℓ`, then downwards the feedback `∂ℓ/∂aₙ`, the sum over the edges that leave `n`, and `δₙ ← φ′ₙ ⊙ ∂ℓ/∂aₙ`.
    package mutating func runBackward(_ loss: Loss, targets: Matrix<Double>) {
        loss.gradient(logits, targets: targets, into: &errors[architecture.depth])
        propagateErrors()
    }

    /// The backward pass from any error of the output.
    package mutating func runBackward(from error: Matrix<Double>) {
        errors[architecture.depth] = error
        propagateErrors()
    }

    private mutating func propagateErrors() {
        let depth = architecture.depth
        for n in architecture.hiddenNodes { feedback[n].scale(by: 0) }
        for n in architecture.nodes.indices.reversed() {
            if n < depth { errors[n].assign(slopes[n], timesElementwise: feedback[n]) }
            returned[n].removeAll(keepingCapacity: true)
            for edge in architecture.nodes[n].edges {
                let error = edge.pullBackLeaving(errors[n])
                returned[n].append(error)
                guard edge.source > 0 else { continue }
                let back = edge.weighted.map { $0.pullBack(error, parameters) } ?? error
                feedback[edge.source].add(edge.pullBackEntering(back))
            }
        }
    }

    /// `∇L`, the gradient of the mean loss.
    package func gradient() -> Parameters<Double> {
        var result = architecture.zero
        for n in architecture.nodes.indices {
            for (k, edge) in architecture.nodes[n].edges.enumerated() {
                edge.weighted?.addPullBack(returned[n][k], entered[n][k], to: &result)
            }
        }
        result.scale(by: 1 / Double(logits.columns))
        return result
    }
}
