import DataSets
import Foundation
import Testing

@Suite struct FashionMNISTTests {
    private static let isInstalled = FileManager.default.fileExists(
        atPath: FashionMNIST.defaultDirectory + "/train-images-idx3-ubyte.gz")

    @Test(
        .enabled(
            if: Self.isInstalled, "needs the Debian package dataset-fashion-mnist"))
    func `the first real images are read`() throws {
        let images = try FashionMNIST.load(.train, .first(20))
        #expect(images.inputShape == [28, 28])
        #expect(images.labels == [9, 0, 0, 3, 0, 2, 7, 2, 5, 5, 0, 9, 5, 5, 7, 9, 1, 0, 6, 4])
        // Hash computed in Python from the same file.
        #expect(fnv1a(images.inputs.map { UInt8(($0 * 255).rounded()) }) == 0xE9B6_1F9F_0D5E_C465)
        #expect(images.name == "fashion-mnist")
    }

    @Test(
        .enabled(
            if: Self.isInstalled, "needs the Debian package dataset-fashion-mnist"))
    func `the first images need only the front of the file`() throws {
        let name = "train-images-idx3-ubyte.gz"
        let file = try #require(
            FileHandle(forReadingAtPath: "\(FashionMNIST.defaultDirectory)/\(name)"))
        let front = try #require(try file.read(upToCount: 1 << 16))
        let images = try IDXFile(bytes: [UInt8](front), name: name, first: 20)
        #expect(images.declaredDimensions == [60_000, 28, 28])
        #expect(images.elements.count == 20 * 784)
        #expect(throws: IDXError.self) { try IDXFile(bytes: [UInt8](front), name: name) }
    }

    @Test(
        .enabled(
            if: Self.isInstalled, "needs the Debian package dataset-fashion-mnist"))
    func `a whole real file is verified to its end`() throws {
        let chosen = try FashionMNIST.load(.test, .random(100, seed: 2))
        #expect(chosen.count == 100)
        #expect(chosen.inputs.allSatisfy { (0...1).contains($0) })
        let labels = try IDXFile(
            path: "\(FashionMNIST.defaultDirectory)/t10k-labels-idx1-ubyte.gz")
        #expect(labels.declaredDimensions == [10_000])
    }

    @Test func `a missing data set says how to get it`() throws {
        try withTemporaryDirectory { directory in
            let error = #expect(throws: DataSetError.self) {
                try FashionMNIST.load(.train, .first(1), from: directory)
            }
            let message = try #require(error).description
            #expect(message.contains("apt-get install dataset-fashion-mnist"))
            #expect(message.contains("pass the directory"))
            #expect(message.contains("\(directory)/train-images-idx3-ubyte.gz"))
        }
    }

    @Test(arguments: [false, true]) func `another directory may hold plain or gzipped files`(
        gzip: Bool
    ) throws {
        let images = idxBytes(dimensions: [3, 2, 2], elements: [UInt8](0..<12))
        let labels = idxBytes(dimensions: [3], elements: [9, 0, 4])
        try withTemporaryDirectory { directory in
            let end = gzip ? ".gz" : ""
            _ = try place(
                gzip ? gzipped(images) : images, "t10k-images-idx3-ubyte\(end)", in: directory)
            _ = try place(
                gzip ? gzipped(labels) : labels, "t10k-labels-idx1-ubyte\(end)", in: directory)
            let data = try FashionMNIST.load(.test, from: directory, name: "own")
            #expect(data.labels == [9, 0, 4])
            #expect(data.inputs == (0..<12).map { Double($0) / 255 })
            #expect(data.name == "own")
            #expect(data.source.contains(directory))
            #expect(try FashionMNIST.load(.test, .first(2), from: directory).labels == [9, 0])
            #expect(
                try FashionMNIST.load(.test, .random(2, seed: 3), from: directory, name: "own")
                    == data.examples(at: ExampleSelection.random(2, seed: 3).indices(among: 3, dataSet: "own")))
            #expect(
                throws: DataSetError.selection(dataSet: "own", requested: 4, available: 3)
            ) { try FashionMNIST.load(.test, .first(4), from: directory, name: "own") }
        }
    }

    @Test(
        "files are found where torchvision and Kaggle put them",
        arguments: [
            ("MNIST/raw/", "-idx"), ("FashionMNIST/raw/", "-idx"), ("raw/", "-idx"), ("", ".idx"),
            ("t10k-images-idx3-ubyte/", "-idx"),
        ])
    func otherPlaces(place folder: String, dot: String) throws {
        try withTemporaryDirectory { directory in
            for (content, rank, bytes) in [
                ("images", 3, idxBytes(dimensions: [2, 1, 1], elements: [1, 2])),
                ("labels", 1, idxBytes(dimensions: [2], elements: [7, 3])),
            ] {
                let name = "t10k-\(content)\(dot)\(rank)-ubyte"
                let own = folder.hasPrefix("t10k") ? "\(name)/" : folder
                try FileManager.default.createDirectory(
                    atPath: directory + "/" + own, withIntermediateDirectories: true)
                _ = try place(bytes, own + name, in: directory)
            }
            #expect(try MNIST.load(.test, from: directory).labels == [7, 3])
            #expect(throws: DataSetError.self) { try MNIST.load(.train, from: directory) }
        }
    }

    @Test func `damaged or mismatched files are named`() throws {
        try withTemporaryDirectory { directory in
            let labels = "t10k-labels-idx1-ubyte"
            let images = try place(
                idxBytes(dimensions: [2, 1, 1], elements: [1]), "t10k-images-idx3-ubyte",
                in: directory)
            let path = try place(
                idxBytes(dimensions: [2], elements: [1, 10]), labels, in: directory)
            #expect(
                throws: DataSetError.idx(
                    .truncated(file: images, part: "elements", found: 1, expected: 2))
            ) { try FashionMNIST.load(.test, from: directory) }
            _ = try place(
                idxBytes(dimensions: [2, 1, 1], elements: [1, 2]), "t10k-images-idx3-ubyte",
                in: directory)
            #expect(
                throws: DataSetError.label(dataSet: "x", index: 1, found: 10, classCount: 10)
            ) { try FashionMNIST.load(.test, from: directory, name: "x") }
            _ = try place(idxBytes(dimensions: [3], elements: [1, 1, 1]), labels, in: directory)
            #expect(
                throws: DataSetError.countMismatch(
                    images: images, imageCount: 2, labels: path, labelCount: 3)
            ) { try FashionMNIST.load(.test, .first(1), from: directory) }
            _ = try place(
                idxBytes(dimensions: [3, 1], elements: [1, 2, 3]), "t10k-images-idx3-ubyte",
                in: directory)
            #expect(
                throws: DataSetError.dimensions(
                    file: images, found: [3, 1], expected: "three: images, rows and columns")
            ) { try FashionMNIST.load(.test, from: directory) }
        }
    }
}
