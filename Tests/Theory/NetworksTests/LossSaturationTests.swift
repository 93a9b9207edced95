#if arch(x86_64)
    import LinearAlgebra
    import Networks
    import RealModule
    import Testing

    /// Losses near zero against 80-bit arithmetic: relative accuracy, not absolute. The exact update of
    /// a saturated network moves by its loss gradient, however small that is.
    @Suite struct LossSaturationTests {
        /// Rounding the difference of two logits costs that difference times ε.
        private func agrees(_ found: Double, _ expected: Float80, spread: Double) -> Bool {
            let error = (Float80(found) - expected).magnitude
            return error <= Float80((16 + 2 * spread) * Double.ulpOfOne) * expected.magnitude
                + 8 * Float80(Double.leastNonzeroMagnitude)
        }

        static let gaps: [Double] = [0.1, 1, 5, 17, 36.7, 40, 100, 700]

        @Test("softmax with the right answer at the top", arguments: gaps)
        func softmax(gap: Double) {
            let h: [Double] = [3 + gap, 3, 2.25, -1]
            let logits = Matrix(column: h)
            let targets = Matrix<Double>(column: [1, 0, 0, 0])
            let others = h.dropFirst().reduce(Float80(0)) { $0 + .exp(Float80($1) - Float80(h[0])) }
            let value = Loss.softmaxCrossEntropy.total(logits, targets: targets)
            #expect(agrees(value, .log(onePlus: others), spread: gap + 4))
            var g = logits
            Loss.softmaxCrossEntropy.gradient(logits, targets: targets, into: &g)
            #expect(agrees(g[0, 0], -others / (1 + others), spread: gap + 4))
            for i in 1..<4 {
                let expected = Float80.exp(Float80(h[i]) - Float80(h[0])) / (1 + others)
                #expect(agrees(g[i, 0], expected, spread: gap + 4))
            }
        }

        @Test("softmax curvature and its product at the top", arguments: gaps)
        func softmaxCurvature(gap: Double) {
            let h: [Double] = [3, 3 + gap, 2.25]
            let v: [Double] = [1, -2, 0.5]
            let (logits, direction) = (Matrix(column: h), Matrix(column: v))
            let targets = Matrix<Double>(column: [0, 1, 0])
            let weights = h.map { Float80.exp(Float80($0) - Float80(h[1])) }
            let sum = weights.reduce(0, +)
            let p = weights.map { $0 / sum }
            let dense = Loss.softmaxCrossEntropy.hessian(logits, targets: targets, example: 0)
            var product = logits
            Loss.softmaxCrossEntropy.hessianProduct(
                logits, targets: targets, direction: direction, into: &product)
            for i in 0..<3 {
                // Σⱼ pᵢpⱼ(vᵢ − vⱼ): no cancellation of large terms.
                var expected = Float80(0)
                for j in 0..<3 {
                    expected += p[i] * p[j] * Float80(v[i] - v[j])
                    if i != j {
                        #expect(agrees(dense[i, j], -p[i] * p[j], spread: 2 * gap + 2))
                    }
                }
                let diagonal = (0..<3).reduce(Float80(0)) { $1 == i ? $0 : $0 + p[i] * p[$1] }
                #expect(agrees(dense[i, i], diagonal, spread: 2 * gap + 2))
                // Rows other than the top one mix signs, by less than a factor of two here.
                #expect(agrees(product[i, 0], expected, spread: 2 * gap + 8))
            }
        }

        /// Both the probability and the target round to 1; what is left is the smaller target.
        @Test func `a target that is one-hot up to rounding`() {
            let logits = Matrix<Double>(column: [100, 0, -3])
            let targets = Matrix<Double>(column: [1, 1e-20, 0])
            var g = logits
            Loss.softmaxCrossEntropy.gradient(logits, targets: targets, into: &g)
            #expect(agrees(g[0, 0], 1e-20, spread: 0))
            #expect(agrees(g[1, 0], -1e-20, spread: 0))
        }

        @Test("binary cross-entropy with the right answers", arguments: gaps)
        func sigmoid(gap: Double) {
            let logits = Matrix<Double>(column: [gap, -gap])
            let targets = Matrix<Double>(column: [1, 0])
            let tail = Float80.exp(-Float80(gap))
            let value = Loss.sigmoidCrossEntropy.total(logits, targets: targets)
            #expect(agrees(value, 2 * .log(onePlus: tail), spread: gap))
            var g = logits
            Loss.sigmoidCrossEntropy.gradient(logits, targets: targets, into: &g)
            #expect(agrees(g[0, 0], -tail / (1 + tail), spread: gap))
            #expect(agrees(g[1, 0], tail / (1 + tail), spread: gap))
            let dense = Loss.sigmoidCrossEntropy.hessian(logits, targets: targets, example: 0)
            #expect(agrees(dense[0, 0], tail / ((1 + tail) * (1 + tail)), spread: gap))
            #expect(dense[0, 1] == 0 && dense[1, 0] == 0)
        }
    }
#endif
