import DataSets
import Testing

@Suite struct LabeledExamplesTests {
    func example(labels: [Int] = [2, 0, 1], inputs: [Double]? = nil) throws -> LabeledExamples {
        try LabeledExamples(
            name: "set", source: "here", inputShape: [1, 2], classCount: 3,
            inputs: inputs ?? (0..<2 * labels.count).map(Double.init), labels: labels)
    }

    @Test func `targets are 1 at the label's row of the example's column`() throws {
        #expect(try example().oneHotTargets() == [0, 0, 1, 1, 0, 0, 0, 1, 0])
        #expect(try example(labels: []).oneHotTargets().isEmpty)
    }

    @Test func `examples keep their inputs and labels together`() throws {
        let chosen = try example().examples(at: [2, 0, 2])
        #expect(chosen.inputs == [4, 5, 0, 1, 4, 5])
        #expect(chosen.labels == [1, 2, 1])
        #expect(throws: DataSetError.exampleIndex(dataSet: "set", index: 3, count: 3)) {
            try example().examples(at: [0, 3])
        }
        #expect(throws: DataSetError.exampleIndex(dataSet: "set", index: -1, count: 3)) {
            try example().examples(at: [-1])
        }
    }

    @Test(arguments: [-1, 3, .max, .min]) func `a label out of range is named`(label: Int) {
        let error = DataSetError.label(dataSet: "set", index: 1, found: label, classCount: 3)
        #expect(throws: error) { try example(labels: [0, label, 1]) }
        #expect(error.description.contains("example 1 is \(label)"))
    }

    @Test func `sizes and values are checked`() {
        #expect(
            throws: DataSetError.size(
                dataSet: "set", quantity: "number of inputs", found: 5,
                expected: "2 for each of 3 examples")
        ) { try example(inputs: [1, 2, 3, 4, 5]) }
        #expect(throws: DataSetError.notFinite(dataSet: "set", index: 3, value: "nan")) {
            try example(inputs: [1, 2, 3, .nan, 5, 6])
        }
        for shape in [[], [0], [-1], [Int.max, 2], [-1, -1]] {
            #expect(throws: DataSetError.self) {
                try LabeledExamples(
                    name: "s", source: "", inputShape: shape, classCount: 1, inputs: [], labels: [])
            }
        }
        for classCount in [0, -1, (1 << 20) + 1, .max, .min] {
            #expect(
                throws: DataSetError.size(
                    dataSet: "s", quantity: "class count", found: classCount,
                    expected: "1 to 1048576")
            ) {
                try LabeledExamples(
                    name: "s", source: "", inputShape: [1], classCount: classCount, inputs: [],
                    labels: [])
            }
        }
    }

    @Test func `targets too large to make are refused`() throws {
        let many = try LabeledExamples(
            name: "s", source: "", inputShape: [1], classCount: 1 << 20,
            inputs: [Double](repeating: 0, count: 257), labels: [Int](repeating: 0, count: 257))
        #expect(
            throws: DataSetError.size(
                dataSet: "s", quantity: "examples with one-hot targets", found: 257,
                expected: "at most 256 for 1048576 classes")
        ) { try many.oneHotTargets() }
    }

    @Test func `joining refuses files that do not belong together`() throws {
        func file(_ name: String, _ dimensions: [UInt32], _ elements: [UInt8]) throws -> IDXFile {
            try IDXFile(bytes: idxBytes(dimensions: dimensions, elements: elements), name: name)
        }
        func join(_ images: IDXFile, _ labels: IDXFile) throws -> LabeledExamples {
            try LabeledExamples(
                images: images, labels: labels, name: "n", source: "", classCount: 2)
        }
        let images = try file("i", [2, 1, 2], [0, 51, 255, 1])
        let labels = try file("l", [2], [1, 0])
        #expect(try join(images, labels).inputs == [0, 0.2, 1, 1 / 255])
        #expect(try join(images, labels).inputShape == [1, 2])
        #expect(
            throws: DataSetError.countMismatch(
                images: "i", imageCount: 2, labels: "l", labelCount: 1)
        ) { try join(images, file("l", [1], [1])) }
        #expect(throws: DataSetError.label(dataSet: "n", index: 0, found: 2, classCount: 2)) {
            try join(images, file("l", [2], [2, 0]))
        }
        #expect(
            throws: DataSetError.dimensions(
                file: "i", found: [2, 1, 2], expected: "one, the number of labels")
        ) { try join(images, images) }
        #expect(throws: DataSetError.self) { try join(labels, labels) }
        let blank = try file("b", [2, 0], [])
        #expect(
            throws: DataSetError.dimensions(
                file: "b", found: [2, 0], expected: "at least one pixel in each image")
        ) { try join(blank, labels) }
    }
}
