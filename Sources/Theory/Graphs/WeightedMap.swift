package import LinearAlgebra
package import Networks

/// The map with parameters on an edge: a `Layer` without bias whose weights are a tensor of the graph or its
/// transpose, and a bias that is a tensor of its own.
///
/// The same tensor may be in several maps. Derivatives by parameters are added to what other maps have left there.
package struct WeightedMap: Sendable {
    package let layer: any Layer
    /// The index of the weight's tensor.
    package let weight: Int
    /// Whether the layer's weights are the tensor or its transpose.
    package let orientation: Transposition
    /// The index of the bias's tensor, one number for each channel of the outputs.
    package let bias: Int?

    /// The layer's weights, from the tensors of a graph.
    package func weights(in parameters: Parameters<Double>) -> Matrix<Double> {
        let tensor = parameters.layers[weight]
        return orientation == .none ? tensor : tensor.transposed
    }

    /// `A(a)w + b`: linear in the parameters, so with a direction for `parameters` it is the change along it.
    package func predict(_ rates: Matrix<Double>, _ parameters: Parameters<Double>) -> Matrix<Double> {
        var result = Matrix<Double>(rows: layer.outputWidth, columns: rates.columns)
        layer.predict(rates, weights: weights(in: parameters), into: &result)
        guard let bias else { return result }
        let values = parameters.layers[bias]
        let (channels, uses) = (values.count, result.count / values.count)
        result.withMutablePointer { target in
            values.withPointer { b in
                for use in 0..<uses { Double._axpy(channels, 1, b, target + use * channels) }
            }
        }
        return result
    }

    /// `(∂p/∂a)ȧ`.
    package func propagate(_ change: Matrix<Double>, _ parameters: Parameters<Double>) -> Matrix<Double> {
        var result = Matrix<Double>(rows: layer.outputWidth, columns: change.columns)
        layer.propagate(change, weights: weights(in: parameters), scale: 1, keep: 0, into: &result)
        return result
    }

    /// `(∂p/∂a)ᵀe`.
    package func pullBack(_ errors: Matrix<Double>, _ parameters: Parameters<Double>) -> Matrix<Double> {
        var result = Matrix<Double>(rows: layer.inputWidth, columns: errors.columns)
        layer.pullBackToRates(errors, weights: weights(in: parameters), keep: 0, into: &result)
        return result
    }

    /// `gradient ← gradient + A(a)ᵀe`, the bias once for every place where it is used.
    package func addPullBack(_ errors: Matrix<Double>, _ rates: Matrix<Double>, to gradient: inout Parameters<Double>) {
        add(to: &gradient) { layer.pullBackToWeights(errors, rates, scale: 1, keep: 1, into: &$0) }
        guard let bias else { return }
        let channels = gradient.layers[bias].count
        gradient.layers[bias].withMutablePointer { target in
            errors.withPointer { e in
                for use in 0..<errors.count / channels { Double._axpy(channels, 1, e + use * channels, target) }
            }
        }
    }

    /// `gradient ← gradient + (A(a + ȧ) − A(a))ᵀe`.
    package func addPullBack(
        _ errors: Matrix<Double>, along change: Matrix<Double>, to gradient: inout Parameters<Double>
    ) {
        add(to: &gradient) { layer.pullBackToWeights(errors, along: change, scale: 1, into: &$0) }
    }

    private func add(to gradient: inout Parameters<Double>, _ body: (inout Matrix<Double>) -> Void) {
        if orientation == .none { return body(&gradient.layers[weight]) }
        var transposed = Matrix<Double>(rows: layer.weightRows, columns: layer.weightColumns)
        body(&transposed)
        gradient.layers[weight].add(transposed.transposed)
    }
}
