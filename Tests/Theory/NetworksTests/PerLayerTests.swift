import LinearAlgebra
import Networks
import Testing

@Suite("One value for each layer")
struct PerLayerTests {
    @Test func `the subscript is the layer's number`() {
        var values = PerLayer(from: 1, ["h1", "h2", "h3"])
        #expect(values.indices == 1..<4 && values[1] == "h1" && values[3] == "h3")
        values[2] += "!"
        #expect(values.elements == ["h1", "h2!", "h3"])
        values.append("h4")
        #expect(values[4] == "h4")
    }

    @Test func `slices and maps keep the numbers`() {
        let values = PerLayer(0..<5) { 10 * $0 }
        #expect(values.dropLast() == PerLayer(0..<4) { 10 * $0 })
        #expect(values.dropFirst(2)[2] == 20)
        #expect(values[1..<3].mapValues { $0 + 1 } == PerLayer(from: 1, [11, 21]))
        var changed = values
        changed[3..<5] = PerLayer(from: 3, [-3, -4])
        #expect(changed.elements == [0, 10, 20, -3, -4])
    }

    @Test func `the same values for other layers are not equal`() {
        #expect(PerLayer(from: 0, [1, 2]) != PerLayer(from: 1, [1, 2]))
    }

    @Test func `no layers`() {
        #expect(PerLayer<Int>(from: 1, []).isEmpty && PerLayer(from: 1, [7]).dropLast().indices == 1..<1)
    }

    /// A value that is copied while it is changed would be copied at every step of inference.
    @Test func `a value is changed in place`() {
        var matrices = PerLayer(1..<3) { Matrix<Double>(rows: $0, columns: 1) }
        let before = matrices[2].withPointer { UInt(bitPattern: $0) }
        matrices[2][1, 0] = 5
        #expect(matrices[2].withPointer { UInt(bitPattern: $0) } == before)
    }

    #if os(macOS) || os(Linux)
        @Test func `a layer that is not there stops the program`() async {
            await #expect(processExitsWith: .failure) { _ = PerLayer(from: 1, [1, 2])[0] }
        }
    #endif
}
