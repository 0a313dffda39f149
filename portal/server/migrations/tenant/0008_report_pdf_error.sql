-- A report whose PDF could not be made is kept as HTML, and says why. Reports made before there were PDFs have neither.
ALTER TABLE report
  ADD COLUMN pdf_error text CHECK (pdf_error IS NULL OR (status = 'done' AND pdf IS NULL));
