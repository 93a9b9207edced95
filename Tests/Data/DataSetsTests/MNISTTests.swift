import DataSets
import Testing

@Suite struct MNISTTests {
    @Test func `files of the user's own directory are read`() throws {
        try withTemporaryDirectory { directory in
            let images = idxBytes(dimensions: [3, 2, 2], elements: [UInt8](0..<12))
            let labels = idxBytes(dimensions: [3], elements: [7, 0, 9])
            _ = try place(images, "t10k-images-idx3-ubyte", in: directory)
            _ = try place(gzipped(labels), "t10k-labels-idx1-ubyte.gz", in: directory)
            let examples = try MNIST.load(.test, from: directory)
            #expect(examples.name == "mnist" && examples.source == MNIST.source)
            #expect(examples.labels == [7, 0, 9])
            #expect(examples.inputs == (0..<12).map { Double($0) / 255 })
        }
    }

    @Test func `of several files the gzipped one is read, and of places the first`() throws {
        try withTemporaryDirectory { directory in
            let images = idxBytes(dimensions: [1, 1, 1], elements: [51])
            func labels(_ label: UInt8) -> [UInt8] { idxBytes(dimensions: [1], elements: [label]) }
            _ = try place(images, "train-images-idx3-ubyte", in: directory)
            _ = try place(labels(1), "train-labels-idx1-ubyte", in: directory)
            #expect(try MNIST.load(.train, from: directory).labels == [1])
            _ = try place(labels(2), "train-labels.idx1-ubyte", in: directory)
            #expect(try MNIST.load(.train, from: directory).labels == [1])
            _ = try place(gzipped(labels(3)), "train-labels-idx1-ubyte.gz", in: directory)
            #expect(try MNIST.load(.train, from: directory).labels == [3])
        }
    }

    @Test func `missing and damaged files are named`() throws {
        try withTemporaryDirectory { directory in
            let missing = #expect(throws: DataSetError.self) { try MNIST.load(from: directory) }
            let message = try #require(missing).description
            #expect(message.contains("\(directory)/train-images-idx3-ubyte.gz not found"))
            #expect(message.contains("four IDX files of MNIST"))
            let images = idxBytes(dimensions: [3, 2, 2], elements: [1, 2])
            _ = try place(images, "train-images-idx3-ubyte", in: directory)
            let truncated = #expect(throws: DataSetError.self) { try MNIST.load(from: directory) }
            #expect(try #require(truncated).description.contains("train-images-idx3-ubyte"))
        }
    }
}
