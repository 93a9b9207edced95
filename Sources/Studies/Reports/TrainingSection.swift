internal import Documents
internal import RunStore
internal import TrainingStudies

/// The section of a report on training: the studies whose runs a result store holds, with their findings
/// on the claims C5–C8 and C11.
public struct TrainingSection: Sendable {
    let store: String
    private let studies: [StudyResults]
    private let remarks: [String]

    /// Reads the store, which is closed again when this returns.
    ///
    /// - Throws: `StoreError`.
    public init(store path: String) throws {
        let store = try ResultStore(reading: path)
        let stored = try StoredStudies(in: store)
        self.store = path
        studies = try stored.studies.map { try $0.results(store) }
        remarks = stored.remarks
    }

    /// A table of more lines is folded: its chart says the same.
    private static let longest = 30

    func section(_ pictures: ReportPictures) throws -> HTMLPage.Section {
        var elements: [HTMLPage.Element] = []
        if studies.isEmpty {
            elements.append(.paragraph("\(store) holds no finished run of a study of training."))
        } else {
            elements.append(
                .paragraph(
                    "Studies whose runs \(store) holds: runs that differ in rule, learning rate and seed only. A "
                        + "finding is judged by a criterion that was declared before and stands below the table. "
                        + "Runs that diverged are results and are counted."))
        }
        elements += remarks.map { .paragraph($0) }
        if let judged = try Judgments.overview(studies.map(\.judgments)) { elements.append(.table(judged)) }
        for (index, study) in studies.enumerated() {
            elements += self.elements(study.tables, number: index + 1, pictures)
        }
        return HTMLPage.Section("training", heading: "Training", elements: elements)
    }

    private func elements(_ study: Document, number: Int, _ pictures: ReportPictures) -> [HTMLPage.Element] {
        var elements: [HTMLPage.Element] = [
            .heading("Study \(number): \(study.title)"), .paragraph(study.provenance.line + "."),
        ]
        for block in study.blocks {
            switch block {
            case .section(let text): elements.append(.subheading(text))
            case .paragraph(let text): elements.append(.paragraph(text))
            case .table(let table) where table.rows.count > Self.longest:
                elements += table.charts.map(pictures.figure)
                elements.append(.folded("\(table.title): \(table.rows.count) lines", [.table(table)]))
            case .table(let table): elements += pictures.figure(table)
            }
        }
        return elements
    }
}
