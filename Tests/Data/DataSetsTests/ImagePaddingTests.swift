import DataSets
import Testing

/// Padded images, pixel by pixel.
@Suite("Padded images") struct ImagePaddingTests {
    private func examples(_ shape: [Int], count: Int = 3) throws -> LabeledExamples {
        let width = shape.reduce(1, *)
        return try LabeledExamples(
            name: "some", source: "here", inputShape: shape, classCount: 10,
            inputs: (0..<count * width).map { Double($0 + 1) }, labels: (0..<count).map { $0 % 10 })
    }

    @Test("28×28 become 32×32 in three equal channels, with two pixels of zeros at each side")
    func grey() throws {
        let images = try examples([28, 28])
        let padded = try images.padded(to: [3, 32, 32])
        #expect(padded.inputShape == [3, 32, 32] && padded.width == 3072)
        #expect(padded.labels == images.labels && padded.classCount == 10 && padded.name == "some")
        for example in 0..<3 {
            for place in 0..<3072 {
                let (row, column) = (place % 1024 / 32 - 2, place % 32 - 2)
                let isInside = (0..<28).contains(row) && (0..<28).contains(column)
                let expected = isInside ? images.inputs[example * 784 + row * 28 + column] : 0
                guard padded.inputs[example * 3072 + place] == expected else {
                    Issue.record("example \(example), place \(place)")
                    return
                }
            }
        }
    }

    @Test("channels stay apart, and height and width may grow differently")
    func colours() throws {
        let images = try examples([2, 1, 3], count: 2)
        let padded = try images.padded(to: [2, 3, 3])
        #expect(padded.inputs == [
            0, 0, 0, 1, 2, 3, 0, 0, 0, 0, 0, 0, 4, 5, 6, 0, 0, 0,
            0, 0, 0, 7, 8, 9, 0, 0, 0, 0, 0, 0, 10, 11, 12, 0, 0, 0,
        ])
        #expect(try images.padded(to: [2, 1, 3]) == images)
    }

    @Test("what cannot be padded is refused", arguments: [
        ([28, 28], [3, 31, 32]), ([28, 28], [3, 32, 26]), ([28, 28], [32, 32]), ([2, 4, 4], [3, 4, 4]), ([16], [1, 4, 4]),
        ([4, 4], [0, 4, 4]), ([4, 4], [1, 1 << 40, 1 << 40]),
    ])
    func refused(_ shape: [Int], _ target: [Int]) throws {
        let images = try examples(shape)
        let error = #expect(throws: DataSetError.self) { try images.padded(to: target) }
        let words = try #require(error).description
        #expect(words.contains("some") && words.contains("same number of pixels at each side"), "\(words)")
    }
}
