internal import Files

/// The CIFAR-10 colour photographs from a directory of its binary batches, which users have to bring:
/// 32×32 pixels in ten classes, 50,000 to train on and 10,000 to test on.
///
/// A. Krizhevsky, *Learning multiple layers of features from tiny images* (2009). Format of
/// `data_batch_1.bin` … `data_batch_5.bin` and `test_batch.bin`: records of 3,073 bytes, the label,
/// then the red, the green and the blue plane, each row by row.
public enum CIFAR10 {
    /// What the labels 0 to 9 mean.
    public static let classNames = [
        "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
    ]

    /// The author, as `LabeledExamples.source` gives it.
    public static let source =
        "CIFAR-10, A. Krizhevsky, Learning multiple layers of features from tiny images (2009)"

    private static let planeSize = 32 * 32
    private static let recordSize = 1 + 3 * planeSize
    /// The most bytes of a file that are read: eight times those of the original files.
    private static let byteLimit = 8 * 10_000 * recordSize

    /// Reads examples: `inputShape` `[3, 32, 32]`, `width` 3,072, values scaled from 0…255 to [0, 1].
    ///
    /// Files may hold any number of whole records; `.first(n)` reads only as many files as it needs.
    ///
    /// - Throws: `DataSetError.missing`; `idx` with `unreadable`, also if a file is not made of whole
    ///   records; `label`; `selection`.
    public static func load(
        _ part: DataSetPart = .train, _ selection: ExampleSelection = .all, from directory: String
    ) throws(DataSetError) -> LabeledExamples {
        var records: [UInt8] = []
        for file in part == .train ? (1...5).map({ "data_batch_\($0).bin" }) : ["test_batch.bin"] {
            if let needed = selection.prefixNeeded, records.count / recordSize >= needed,
                !records.isEmpty
            { break }
            records += try read("\(directory)/\(file)")
        }
        let indices = try selection.indices(
            among: records.count / recordSize, dataSet: "cifar-10")
        return try LabeledExamples(
            name: "cifar-10", source: source, inputShape: [3, 32, 32],
            classCount: classNames.count,
            inputs: records.scaled(indices.lazy.map { ($0 * recordSize + 1)..<(($0 + 1) * recordSize) }),
            labels: indices.map { Int(records[$0 * recordSize]) })
    }

    private static func read(_ path: String) throws(DataSetError) -> [UInt8] {
        guard RegularFile.isThere(path) else {
            throw .missing(
                dataSet: "cifar-10", file: path,
                remedy: "pass the directory that holds CIFAR-10's binary version")
        }
        let bytes: [UInt8]
        do throws(FileError) {
            let file = try RegularFile(path: path)
            guard file.size > 0, file.size % recordSize == 0, file.size <= byteLimit else {
                throw FileError(
                    path, .read,
                    reason: "\(file.size) bytes; expected a positive multiple of \(recordSize) up to "
                        + "\(byteLimit)")
            }
            bytes = try file.contents()
        } catch {
            throw .idx(.unreadable(file: path, reason: error.reason))
        }
        guard bytes.count % recordSize == 0 else {
            throw .idx(.unreadable(file: path, reason: "the file became shorter while it was read"))
        }
        return bytes
    }
}
