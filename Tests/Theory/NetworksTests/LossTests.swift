import LinearAlgebra
import Networks
import Randomness
import Testing

@Suite struct LossTests {
    private func gradient(_ loss: Loss, _ h: Matrix<Double>, _ y: Matrix<Double>) -> Matrix<Double> {
        var result = h
        loss.gradient(h, targets: y, into: &result)
        return result
    }

    private func product(
        _ loss: Loss, _ h: Matrix<Double>, _ y: Matrix<Double>, _ v: Matrix<Double>
    ) -> Matrix<Double> {
        var result = h
        loss.hessianProduct(h, targets: y, direction: v, into: &result)
        return result
    }

    @Test("value, gradient and Hessian belong together", arguments: Loss.allCases, [1, 2, 5])
    func taylor(loss: Loss, d: Int) {
        var generator = RandomGenerator(seed: 1, stream: UInt64(d))
        for columns in [1, 3] {
            let h = generator.matrix(d, columns, scale: 2)
            let y = generator.targets(for: loss, d, columns)
            var v = generator.matrix(d, columns)
            v.scale(by: 1 / v.norm)
            let value = loss.total(h, targets: y)
            let g = gradient(loss, h, y)
            let hv = product(loss, h, y, v)
            let floor = 1e-14 * (1 + value)
            let first = remainderOrder(floor: floor) { t in
                loss.total(h + t * v, targets: y) - value - t * g.dot(v)
            }
            #expect(isOfOrder(2, first))
            let second = remainderOrder(floor: floor) { t in
                loss.total(h + t * v, targets: y) - value - t * g.dot(v) - t * t / 2 * hv.dot(v)
            }
            #expect(isOfOrder(3, second))
            let third = remainderOrder(floor: floor) { t in
                (gradient(loss, h + t * v, y) - g - t * hv).norm
            }
            #expect(isOfOrder(2, third))
        }
    }

    @Test("the dense Hessian, its product and its scaled sum agree", arguments: Loss.allCases, [1, 2, 6])
    func hessian(loss: Loss, d: Int) throws {
        var generator = RandomGenerator(seed: 2, stream: UInt64(d))
        let h = generator.matrix(d, 3, scale: 3)
        let y = generator.targets(for: loss, d, 3)
        let v = generator.matrix(d, 3)
        let all = product(loss, h, y, v)
        for example in 0..<3 {
            let dense = loss.hessian(h, targets: y, example: example)
            #expect((dense - dense.transposed).maximumMagnitude <= 1e-16)
            let eigenvalues = try SymmetricEigendecomposition(dense).values
            #expect(eigenvalues.allSatisfy { $0 >= -1e-15 })
            let direct = try Matrix.product(dense, .none, v.columns(example..<(example + 1)))
            #expect((direct - all.columns(example..<(example + 1))).maximumMagnitude <= 1e-14)
            var block = Matrix<Double>(rows: d + 3, columns: d + 3, repeating: 1)
            loss.addHessian(h, targets: y, example: example, scale: 2, to: &block, at: 2)
            for j in 0..<(d + 3) {
                for i in 0..<(d + 3) {
                    let inside = (2..<(d + 2)).contains(i) && (2..<(d + 2)).contains(j)
                    let expected = 1 + (inside ? 2 * dense[i - 2, j - 2] : 0)
                    #expect(abs(block[i, j] - expected) <= 1e-15)
                }
            }
        }
    }

    @Test("the gradient is the response minus the target", arguments: Loss.allCases)
    func response(loss: Loss) {
        var generator = RandomGenerator(seed: 3)
        let h = generator.matrix(4, 5, scale: 3)
        let y = generator.targets(for: loss, 4, 5)
        var response = h
        loss.response(h, into: &response)
        #expect((gradient(loss, h, y) - (response - y)).maximumMagnitude <= 1e-15)
        if loss == .softmaxCrossEntropy {
            for j in 0..<5 { #expect(abs(response.column(j).reduce(0, +) - 1) <= 1e-15) }
        }
    }

    @Test func `values in closed form`() {
        func total(_ loss: Loss, _ h: [Double], _ y: [Double]) -> Double {
            loss.total(Matrix(column: h), targets: Matrix(column: y))
        }
        #expect(total(.squaredError, [3, -1], [1, 1]) == 4)
        let logarithm2 = 0.6931471805599453
        #expect(abs(total(.softmaxCrossEntropy, [0, 0], [1, 0]) - logarithm2) <= 1e-16)
        #expect(abs(total(.softmaxCrossEntropy, [7, 7, 7, 7], [0.5, 0, 0.5, 0]) - 2 * logarithm2) <= 1e-15)
        #expect(abs(total(.sigmoidCrossEntropy, [0, 0, 0], [0, 1, 0.3]) - 3 * logarithm2) <= 1e-15)
        #expect(total(.softmaxCrossEntropy, [4], [1]) == 0)
    }

    @Test("logits of ±1e4 have the right limits", arguments: [1e2, 745, 1e4, 1e8])
    func saturated(size: Double) {
        func all(_ loss: Loss, _ h: [Double], _ y: [Double]) -> (Double, [Double]) {
            let (logits, targets) = (Matrix(column: h), Matrix(column: y))
            let v = Matrix<Double>(column: h.indices.map { Double($0 + 1) })
            let curvature = product(loss, logits, targets, v)
            #expect(curvature.isFinite() && curvature.maximumMagnitude <= 1e-20)
            #expect(loss.hessian(logits, targets: targets, example: 0).isFinite())
            return (loss.total(logits, targets: targets), gradient(loss, logits, targets).elements)
        }
        let wrong = all(.softmaxCrossEntropy, [size, -size, 0], [0, 1, 0])
        #expect(wrong.0 == 2 * size && wrong.1[1] == -1 && wrong.1[0] == 1)
        let right = all(.softmaxCrossEntropy, [-size, size, 0], [0, 1, 0])
        #expect(right.0 <= 4e-44 && right.0 >= 0 && right.1.allSatisfy { abs($0) <= 4e-44 })
        let binary = all(.sigmoidCrossEntropy, [size, -size, size, -size], [0, 1, 1, 0])
        #expect(binary.0 == 2 * size && binary.1[0] == 1 && binary.1[1] == -1)
        #expect(abs(binary.1[2]) <= 4e-44 && abs(binary.1[3]) <= 4e-44)
    }

    @Test("single precision", arguments: Loss.allCases)
    func singlePrecision(loss: Loss) {
        var generator = RandomGenerator(seed: 4)
        for scale in [1.0, 30, 1e4] {
            let h = generator.matrix(5, 4, scale: scale).converted(to: Float.self)
            let y = generator.targets(for: loss, 5, 4).converted(to: Float.self)
            let (wideH, wideY) = (h.converted(to: Double.self), y.converted(to: Double.self))
            var g = h
            loss.gradient(h, targets: y, into: &g)
            let wide = gradient(loss, wideH, wideY)
            let tolerance = 32 * Double(Float.ulpOfOne)
            #expect(
                (g.converted(to: Double.self) - wide).maximumMagnitude
                    <= tolerance * (1 + wide.maximumMagnitude) * (1 + min(scale, 30)))
            let value = loss.total(wideH, targets: wideY)
            #expect(abs(Double(loss.total(h, targets: y)) - value) <= tolerance * (1 + value))
        }
    }

    @Test(
        "targets outside of a loss's domain are named",
        arguments: [Loss.softmaxCrossEntropy, .sigmoidCrossEntropy],
        [-0.25, 1.25, Double.nan, .infinity, -.infinity])
    func invalidTargets(loss: Loss, bad: Double) throws {
        var targets = Matrix<Double>(rows: 2, columns: 3, repeating: 0.5)
        #expect(throws: Never.self) { try loss.validate(targets: targets) }
        targets[1, 2] = bad
        targets[0, 2] = 1 - bad
        let error = try #require(throws: NetworkError.self) { try loss.validate(targets: targets) }
        guard case .invalidTarget(loss, 2, let reason) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(reason.contains("is not between 0 and 1"))
        #expect(throws: Never.self) { try Loss.squaredError.validate(targets: targets) }
    }

    @Test func `probabilities must sum to one up to single precision`() throws {
        let nearly = try Matrix<Double>(rows: 2, columns: 1, elements: [0.5, 0.5 + 1e-6])
        #expect(throws: Never.self) { try Loss.softmaxCrossEntropy.validate(targets: nearly) }
        let zero = Matrix<Double>(rows: 3, columns: 1)
        let error = try #require(throws: NetworkError.self) {
            try Loss.softmaxCrossEntropy.validate(targets: zero)
        }
        #expect(error.description.contains("sum to 0.0, not to 1"))
        #expect(throws: Never.self) { try Loss.sigmoidCrossEntropy.validate(targets: zero) }
    }
}
