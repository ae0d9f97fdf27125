REM Runs inside LibreOffice: turns Word files into PDFs whose page numbers run on from one to the next.
REM The job file says line by line, with tabs in between, what to do: "open", a Word file's URL, and the
REM style of its paragraphs that are to be links to objectives, if any; or "print", that URL, and the URL of
REM its PDF. Files are printed in the order in which they were opened; those that are open together are
REM numbered as one document. What happened goes to the report, line by line.

Private Const PDF = "writer_pdf_Export"

REM They last from one run to the next, so that a file can be opened while the next is still being made.
Global Docs(15) As Object, Pages(15) As Integer, Opened As Integer, Printed As Integer

REM For LibreOffice as a program: waits for its one job file, and ends.
Sub Main
  On Error GoTo Ended
  If JobsAreThere() Then
    Warm
  End If
Ended:
  StarDesktop.terminate()
End Sub

REM For LibreOfficeKit, which stays: does what the job file says that is there now.
Sub Warm
  Dim jobs As Integer, line As String, words
  REM Whatever goes wrong, the waiting process has to know: nobody sees LibreOffice's messages.
  On Error GoTo Ended
  jobs = FreeFile()
  Open Environ("SIGNED_PLAN_JOBS") For Input As #jobs
  Do While Not Eof(jobs)
    Line Input #jobs, line
    words = Split(line, Chr(9))
    If words(0) = "open" Then
      OpenNext(words(1), words(2))
    Else
      PrintNext(words(1), words(2))
    End If
  Loop
Ended:
  On Error Resume Next
  Close #jobs
End Sub

REM The Word files are still being made when LibreOffice starts. They never come if the process that makes
REM them has been killed. Where that cannot be seen, five minutes are enough.
Function JobsAreThere() As Boolean
  Dim patience As Long
  patience = 30000
  Do While Not FileExists(Environ("SIGNED_PLAN_JOBS"))
    Wait 10
    patience = patience - 1
    If patience = 0 Or Not FileExists(Environ("SIGNED_PLAN_OWNER")) Then
      Exit Function
    End If
  Loop
  JobsAreThere = True
End Function

Sub OpenNext(source As String, links As String)
  Dim doc As Object
  On Error GoTo Failed
  If Printed = Opened Then
    Printed = 0
    Opened = 0
  End If
  doc = OpenWord(source)
  If IsNull(doc) Then
    Report("failed" & Chr(9) & source & Chr(9) & "it could not be opened")
    Exit Sub
  End If
  CountLists(doc)
  LayOut(doc, links)
  Docs(Opened) = doc
  Pages(Opened) = doc.CurrentController.PageCount
  Opened = Opened + 1
  Exit Sub
Failed:
  Report("failed" & Chr(9) & source & Chr(9) & Error$)
End Sub

Sub PrintNext(source As String, target As String)
  Dim first As Integer, total As Integer, i As Integer
  On Error GoTo Failed
  first = 1
  For i = 0 To Opened - 1
    If i < Printed Then
      first = first + Pages(i)
    End If
    total = total + Pages(i)
  Next i
  NumberPages(Docs(Printed), first, total)
  Docs(Printed).unlockControllers()
  Docs(Printed).storeToURL(target, PdfOptions())
  Docs(Printed).close(True)
  Printed = Printed + 1
  Exit Sub
Failed:
  Report("failed" & Chr(9) & source & Chr(9) & Error$)
End Sub

Function OpenWord(url As String) As Object
  Dim how(4) As New com.sun.star.beans.PropertyValue
  how(0).Name = "Hidden"
  how(0).Value = True
  how(1).Name = "FilterName"
  how(1).Value = "MS Word 2007 XML"
  how(2).Name = "MacroExecutionMode"
  how(2).Value = com.sun.star.document.MacroExecMode.NEVER_EXECUTE
  how(3).Name = "UpdateDocMode"
  how(3).Value = com.sun.star.document.UpdateDocMode.NO_UPDATE
  how(4).Name = "Silent"
  how(4).Value = True
  OpenWord = StarDesktop.loadComponentFromURL(url, "_blank", 0, how())
End Function

REM Where changes are tracked, a numbered paragraph with words removed would be shown as if it had lost
REM its number. Hiding the changes once makes LibreOffice count the lists again.
Sub CountLists(doc As Object)
  Dim dispatcher As Object, none(), i As Integer
  If doc.Redlines.createEnumeration().hasMoreElements() Then
    dispatcher = createUnoService("com.sun.star.frame.DispatchHelper")
    For i = 1 To 2
      dispatcher.executeDispatch(doc.CurrentController.Frame, ".uno:ShowTrackedChanges", "", 0, none())
    Next i
  End If
End Sub

REM A long table that begins a page because it was told to is laid out again and again, from each of its
REM pages on; one that got there by itself, far less often. So tables are first laid out without their
REM page break, and get it back once their rows are spread over the pages. LibreOffice 25.2 is as fast without
REM that, and with it lays out a row of three pages in the row of headings. Locked until the document is
REM printed, since LibreOffice would lay everything out in between: for each link, and while it waits.
Sub LayOut(doc As Object, look As String)
  doc.lockControllers()
  If Version() < 8 Then
    LayOutWithoutBreaks(doc)
  End If
  If look <> "" Then
    LinkObjectives(doc, look)
  End If
End Sub

Sub LayOutWithoutBreaks(doc As Object)
  Dim tables As Object, breaks(), n As Integer, i As Integer, pages As Integer
  tables = doc.TextTables
  n = tables.Count
  ReDim breaks(n)
  For i = 0 To n - 1
    breaks(i) = tables.getByIndex(i).BreakType
    tables.getByIndex(i).BreakType = com.sun.star.style.BreakType.NONE
  Next i
  pages = doc.CurrentController.PageCount
  For i = 0 To n - 1
    tables.getByIndex(i).BreakType = breaks(i)
  Next i
End Sub

REM Such as 7.4 or 25.2.
Function Version() As Double
  Dim where(0) As New com.sun.star.beans.PropertyValue
  Dim settings As Object
  where(0).Name = "nodepath"
  where(0).Value = "/org.openoffice.Setup/Product"
  settings = createUnoService("com.sun.star.configuration.ConfigurationProvider")
  settings = settings.createInstanceWithArguments("com.sun.star.configuration.ConfigurationAccess", where())
  Version = Val(settings.ooSetupVersion)
End Function

REM The Word file does not have its links yet, see fast_input.py: each leads to the objective whose number its
REM paragraph ends with.
Sub LinkObjectives(doc As Object, look As String)
  Dim wanted As Object, found As Object, one As Object, text As String, i As Long, digits As Long
  wanted = doc.createSearchDescriptor()
  wanted.SearchStyles = True
  wanted.SearchString = look
  found = doc.findAll(wanted)
  For i = 0 To found.Count - 1
    one = found.getByIndex(i)
    text = one.String
    digits = 0
    Do While digits < Len(text) And InStr("0123456789", Mid(text, Len(text) - digits, 1)) > 0
      digits = digits + 1
    Loop
    one.HyperLinkURL = "#objective" & Right(text, digits)
  Next i
End Sub

REM Field by field, since the count of pages is the whole set's and not this file's.
Sub NumberPages(doc As Object, first As Integer, total As Integer)
  Dim fields As Object, field As Object, start As Object
  fields = doc.TextFields.createEnumeration()
  Do While fields.hasMoreElements()
    field = fields.nextElement()
    If field.supportsService("com.sun.star.text.TextField.PageCount") Then
      field.Anchor.String = CStr(total)
    End If
  Loop
  If first > 1 Then
    start = doc.Text.createEnumeration().nextElement()
    start.PageDescName = start.PageStyleName
    start.PageNumberOffset = first
  End If
End Sub

Function PdfOptions()
  Dim how(1) As New com.sun.star.beans.PropertyValue
  Dim data(8) As New com.sun.star.beans.PropertyValue
  Dim names, i As Integer
  names = Array("UseTaggedPDF", "PDFUACompliance", "ExportBookmarks", "DisplayPDFDocumentTitle", "ExportBookmarksToPDFDestination", "UseLosslessCompression")
  For i = 0 To UBound(names)
    data(i).Name = names(i)
    data(i).Value = True
  Next i
  data(6).Name = "SelectPdfVersion"
  data(6).Value = 3
  data(7).Name = "OpenBookmarkLevels"
  data(7).Value = 2
  data(8).Name = "ExportFormFields"
  data(8).Value = False
  how(0).Name = "FilterName"
  how(0).Value = PDF
  how(1).Name = "FilterData"
  how(1).Value = data()
  PdfOptions = how()
End Function

Sub Report(line As String)
  Dim out As Integer
  On Error Resume Next
  out = FreeFile()
  Open Environ("SIGNED_PLAN_REPORT") For Append As #out
  Print #out, line
  Close #out
End Sub
