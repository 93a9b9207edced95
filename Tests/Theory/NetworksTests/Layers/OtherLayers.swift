import LinearAlgebra
import Networks

/// A convolution along a line without padding, from its definition: `p_{o,l} = Σⱼ W_{oj} a_{C·l + j} + b_o`.
///
/// Rates are ordered by place and then by channel, so that what a place sees is one stretch of them.
struct ConvolutionLayer: Layer {
    let channels: Int
    let length: Int
    let kernel: Int
    let weightRows: Int
    let hasBias: Bool

    var inputWidth: Int { channels * length }
    var positions: Int { length - kernel + 1 }
    var weightColumns: Int { seen + (hasBias ? 1 : 0) }
    private var seen: Int { channels * kernel }

    func predict<S: BLASScalar>(_ rates: Matrix<S>, weights: Matrix<S>, into prediction: inout Matrix<S>) {
        propagate(rates, weights: weights, scale: 1, keep: 0, into: &prediction)
        guard hasBias else { return }
        for b in 0..<rates.columns {
            for row in 0..<outputWidth { prediction[row, b] += weights[row % weightRows, seen] }
        }
    }

    func propagate<S: BLASScalar>(
        _ change: Matrix<S>, weights: Matrix<S>, scale: S, keep: S, into result: inout Matrix<S>
    ) {
        if keep == 0 { result = Matrix(rows: outputWidth, columns: change.columns) } else { result.scale(by: keep) }
        forEachUse(change.columns) { b, l, o, j in
            result[o + weightRows * l, b] += scale * weights[o, j] * change[channels * l + j, b]
        }
    }

    func pullBackToRates<S: BLASScalar>(
        _ errors: Matrix<S>, weights: Matrix<S>, keep: S, into result: inout Matrix<S>
    ) {
        if keep == 0 { result = Matrix(rows: inputWidth, columns: errors.columns) } else { result.scale(by: keep) }
        forEachUse(errors.columns) { b, l, o, j in
            result[channels * l + j, b] += weights[o, j] * errors[o + weightRows * l, b]
        }
    }

    func predictChange<S: BLASScalar>(_ rates: Matrix<S>, along direction: Matrix<S>, into result: inout Matrix<S>) {
        predict(rates, weights: direction, into: &result)
    }

    func pullBackToRates<S: BLASScalar>(
        _ errors: Matrix<S>, along direction: Matrix<S>, keep: S, into result: inout Matrix<S>
    ) {
        pullBackToRates(errors, weights: direction, keep: keep, into: &result)
    }

    func pullBackToWeights<S: BLASScalar>(
        _ errors: Matrix<S>, _ rates: Matrix<S>, scale: S, keep: S, into result: inout Matrix<S>
    ) {
        if keep == 0 { result = Matrix(rows: weightRows, columns: weightColumns) } else { result.scale(by: keep) }
        pullBackToWeights(errors, along: rates, scale: scale, into: &result)
        guard hasBias else { return }
        for b in 0..<errors.columns {
            for row in 0..<outputWidth { result[row % weightRows, seen] += scale * errors[row, b] }
        }
    }

    func pullBackToWeights<S: BLASScalar>(
        _ errors: Matrix<S>, along change: Matrix<S>, scale: S, into result: inout Matrix<S>
    ) {
        forEachUse(errors.columns) { b, l, o, j in
            result[o, j] += scale * errors[o + weightRows * l, b] * change[channels * l + j, b]
        }
    }

    func regressors<S: BLASScalar>(_ rates: Matrix<S>) -> Matrix<S> {
        Matrix(rows: weightColumns, columns: positions * rates.columns) { j, column in
            j < seen ? rates[channels * (column % positions) + j, column / positions] : 1
        }
    }

    /// Every product of a weight and a rate: example, place, row and column of the weight.
    private func forEachUse(_ examples: Int, _ body: (Int, Int, Int, Int) -> Void) {
        for b in 0..<examples {
            for l in 0..<positions {
                for o in 0..<weightRows { for j in 0..<seen { body(b, l, o, j) } }
            }
        }
    }
}

/// A dense layer around which the rates are led: `p = a + Wā`, so that `c(a) = a`.
struct ResidualLayer: Layer {
    private let inner: DenseLayer

    init(width: Int, hasBias: Bool) {
        inner = DenseLayer(inputWidth: width, outputWidth: width, hasBias: hasBias)
    }

    var inputWidth: Int { inner.inputWidth }
    var positions: Int { 1 }
    var weightRows: Int { inner.weightRows }
    var weightColumns: Int { inner.weightColumns }
    var hasBias: Bool { inner.hasBias }

    func predict<S: BLASScalar>(_ rates: Matrix<S>, weights: Matrix<S>, into prediction: inout Matrix<S>) {
        inner.predict(rates, weights: weights, into: &prediction)
        prediction.add(rates)
    }

    func propagate<S: BLASScalar>(
        _ change: Matrix<S>, weights: Matrix<S>, scale: S, keep: S, into result: inout Matrix<S>
    ) {
        inner.propagate(change, weights: weights, scale: scale, keep: keep, into: &result)
        result.add(change, scaledBy: scale)
    }

    func pullBackToRates<S: BLASScalar>(
        _ errors: Matrix<S>, weights: Matrix<S>, keep: S, into result: inout Matrix<S>
    ) {
        inner.pullBackToRates(errors, weights: weights, keep: keep, into: &result)
        result.add(errors)
    }

    func predictChange<S: BLASScalar>(_ rates: Matrix<S>, along direction: Matrix<S>, into result: inout Matrix<S>) {
        inner.predictChange(rates, along: direction, into: &result)
    }

    func pullBackToRates<S: BLASScalar>(
        _ errors: Matrix<S>, along direction: Matrix<S>, keep: S, into result: inout Matrix<S>
    ) {
        inner.pullBackToRates(errors, along: direction, keep: keep, into: &result)
    }

    func pullBackToWeights<S: BLASScalar>(
        _ errors: Matrix<S>, _ rates: Matrix<S>, scale: S, keep: S, into result: inout Matrix<S>
    ) {
        inner.pullBackToWeights(errors, rates, scale: scale, keep: keep, into: &result)
    }

    func pullBackToWeights<S: BLASScalar>(
        _ errors: Matrix<S>, along change: Matrix<S>, scale: S, into result: inout Matrix<S>
    ) {
        inner.pullBackToWeights(errors, along: change, scale: scale, into: &result)
    }

    func regressors<S: BLASScalar>(_ rates: Matrix<S>) -> Matrix<S> { inner.regressors(rates) }
}
