package import LinearAlgebra

/// A convolution of an image, as a dense layer on patches: `p_{o,l} = Σⱼ W_{oj} r_{j,l} + b_o`, `r_l` what window `l` shows.
///
/// As in PyTorch the kernel is not flipped. Column `c + C'·(kx + k_w·ky)` of `W` is for channel `c` of the group at the
/// kernel's place `(kx, ky)`, `C'` the channels of a group. With groups, the outputs of a group see its own channels only. Outputs are
/// ordered as `ImageWindows` orders inputs.
package struct Convolution: Layer {
    package let windows: ImageWindows
    package let weightRows: Int
    package let groups: Int
    package let hasBias: Bool

    /// `nil` unless `groups` divides the channels and the outputs.
    package init?(_ windows: ImageWindows, outputChannels: Int, groups: Int = 1, hasBias: Bool) {
        guard groups > 0, outputChannels > 0, windows.channels % groups == 0, outputChannels % groups == 0 else { return nil }
        self.windows = windows
        weightRows = outputChannels
        self.groups = groups
        self.hasBias = hasBias
    }

    package var inputWidth: Int { windows.inputWidth }
    package var positions: Int { windows.places.count }
    package var weightColumns: Int { seen + (hasBias ? 1 : 0) }
    /// The channels of a group, before and after.
    private var channels: Int { windows.channels / groups }
    private var rows: Int { weightRows / groups }
    /// The number of entries of a patch.
    private var seen: Int { channels * windows.kernel.count }

    @specialized(where S == Double)
    @specialized(where S == Float)
    package func predict<S: BLASScalar>(
        _ rates: Matrix<S>, weights: Matrix<S>, into prediction: inout Matrix<S>
    ) {
        if hasBias {
            let (height, places) = (weightRows, positions * rates.columns)
            prediction.withMutablePointer { target in
                weights.withPointer { source in
                    for place in 0..<places {
                        (target + place * height).update(from: source + seen * height, count: height)
                    }
                }
            }
        }
        propagate(rates, weights: weights, scale: 1, keep: hasBias ? 1 : 0, into: &prediction)
    }

    @specialized(where S == Double)
    @specialized(where S == Float)
    package func propagate<S: BLASScalar>(
        _ change: Matrix<S>, weights: Matrix<S>, scale: S, keep: S, into result: inout Matrix<S>
    ) {
        precondition(result.rows == outputWidth && change.rows == inputWidth && change.columns == result.columns)
        var patches: Matrix<S> = roomForPatches(of: change.columns)
        for part in parts(of: change.columns) {
            let places = positions * part.count
            show(change, part, to: &patches)
            result.withMutablePointer { target in
                weights.withPointer { w in
                    patches.withPointer { p in
                        S._gemm(
                            .none, .none, rows, places, seen, scale, w + part.group * rows, weightRows, p, seen, keep,
                            target + part.first * outputWidth + part.group * rows, weightRows)
                    }
                }
            }
        }
    }

    @specialized(where S == Double)
    @specialized(where S == Float)
    package func pullBackToRates<S: BLASScalar>(
        _ errors: Matrix<S>, weights: Matrix<S>, keep: S, into result: inout Matrix<S>
    ) {
        precondition(errors.rows == outputWidth && result.rows == inputWidth && errors.columns == result.columns)
        result.scale(by: keep)
        var patches: Matrix<S> = roomForPatches(of: errors.columns)
        for part in parts(of: errors.columns) {
            let places = positions * part.count
            patches.withMutablePointer { p in
                weights.withPointer { w in
                    errors.withPointer { e in
                        S._gemm(
                            .transposed, .none, seen, places, rows, 1, w + part.group * rows, weightRows,
                            e + part.first * outputWidth + part.group * rows, weightRows, 0, p, seen)
                    }
                }
            }
            result.withMutablePointer { target in
                patches.withPointer { p in
                    windows.scatter(
                        p, examples: part.count, channels: part.group * channels, count: channels, height: seen,
                        into: target + part.first * inputWidth)
                }
            }
        }
    }

    // Here `c(a)` is 0, so the prediction is linear in the weights itself.

    @specialized(where S == Double)
    @specialized(where S == Float)
    package func predictChange<S: BLASScalar>(
        _ rates: Matrix<S>, along direction: Matrix<S>, into result: inout Matrix<S>
    ) {
        predict(rates, weights: direction, into: &result)
    }

    @specialized(where S == Double)
    @specialized(where S == Float)
    package func pullBackToRates<S: BLASScalar>(
        _ errors: Matrix<S>, along direction: Matrix<S>, keep: S, into result: inout Matrix<S>
    ) {
        pullBackToRates(errors, weights: direction, keep: keep, into: &result)
    }

    /// `result ← scale · Σ_l E_l r_lᵀ + keep · result`, the bias column once for every place.
    @specialized(where S == Double)
    @specialized(where S == Float)
    package func pullBackToWeights<S: BLASScalar>(
        _ errors: Matrix<S>, _ rates: Matrix<S>, scale: S, keep: S, into result: inout Matrix<S>
    ) {
        result.scale(by: keep)
        pullBackToWeights(errors, along: rates, scale: scale, into: &result)
        guard hasBias else { return }
        let (height, places) = (weightRows, positions * errors.columns)
        result.withMutablePointer { target in
            errors.withPointer { e in
                for place in 0..<places { S._axpy(height, scale, e + place * height, target + seen * height) }
            }
        }
    }

    @specialized(where S == Double)
    @specialized(where S == Float)
    package func pullBackToWeights<S: BLASScalar>(
        _ errors: Matrix<S>, along change: Matrix<S>, scale: S, into result: inout Matrix<S>
    ) {
        precondition(errors.rows == outputWidth && result.rows == weightRows && result.columns == weightColumns)
        var patches: Matrix<S> = roomForPatches(of: errors.columns)
        for part in parts(of: errors.columns) {
            let places = positions * part.count
            show(change, part, to: &patches)
            result.withMutablePointer { target in
                errors.withPointer { e in
                    patches.withPointer { p in
                        S._gemm(
                            .none, .transposed, rows, seen, places, scale,
                            e + part.first * outputWidth + part.group * rows, weightRows, p, seen, 1,
                            target + part.group * rows, weightRows)
                    }
                }
            }
        }
    }

    @specialized(where S == Double)
    @specialized(where S == Float)
    package func regressors<S: BLASScalar>(_ rates: Matrix<S>) -> Matrix<S> {
        let groups = (0..<groups).map { group in
            var patches = Matrix<S>(rows: seen, columns: positions * rates.columns)
            show(rates, Part(group: group, first: 0, count: rates.columns), to: &patches)
            return patches
        }
        if groups.count == 1 && !hasBias { return groups[0] }
        return Matrix(rows: weightColumns, columns: groups.count * positions * rates.columns) { j, column in
            j < seen ? groups[column % groups.count][j, column / groups.count] : 1
        }
    }

    // MARK: - Patches

    /// Some examples, seen by the channels of one group.
    private struct Part {
        let group: Int
        let first: Int
        let count: Int
    }

    /// So many entries of patches are made at a time. A mini-batch of 64 has 20 MiB of them in a layer of the paper's
    /// network; made piece by piece in the same room they stay in the cache, and cost no fresh pages.
    private static let patchLimit = 1 << 17

    private var examplesAtOnce: Int { max(1, Self.patchLimit / (seen * positions)) }

    private func parts(of examples: Int) -> [Part] {
        (0..<groups).flatMap { group in
            stride(from: 0, to: examples, by: examplesAtOnce).map { first in
                Part(group: group, first: first, count: min(examplesAtOnce, examples - first))
            }
        }
    }

    /// Zeros where windows show padding, which is never written.
    @inline(__always)
    private func roomForPatches<S: BLASScalar>(of examples: Int) -> Matrix<S> {
        let columns = positions * min(examples, examplesAtOnce)
        return windows.hasPadding
            ? Matrix(rows: seen, columns: columns) : Matrix(uninitializedRows: seen, columns: columns)
    }

    /// `patches ←` what the windows show of a part, in the first columns.
    @inline(__always)
    private func show<S: BLASScalar>(_ rates: Matrix<S>, _ part: Part, to patches: inout Matrix<S>) {
        patches.withMutablePointer { target in
            rates.withPointer { a in
                windows.gather(
                    a + part.first * inputWidth, examples: part.count, channels: part.group * channels, count: channels,
                    height: seen, into: target)
            }
        }
    }
}
