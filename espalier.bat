@echo off
rem Starts the espalier command. In a checkout it builds the jar when there is none; in the packaged distribution
rem (bin beside lib) it only starts. ESPALIER_JAVA_HOME, then JAVA_HOME, then the PATH say which Java.
setlocal

set "HERE=%~dp0"
if exist "%HERE%pom.xml" (
    set "JAR=%HERE%cli\target\espalier.jar"
    set "FLAGS=%HERE%cli\src\main\dist\espalier.args"
) else (
    set "JAR=%HERE%..\lib\espalier.jar"
    set "FLAGS=%HERE%..\lib\espalier.args"
)

if not exist "%JAR%" (
    if not exist "%HERE%pom.xml" (
        echo espalier: %JAR% is missing; unpack the distribution again. 1>&2
        exit /b 1
    )
    echo espalier: building espalier ^(first use^) ... 1>&2
    pushd "%HERE%"
    call mvn -q -Dquick -Dmaven.test.skip=true package -pl cli -am 1>&2 <nul
    if errorlevel 1 (
        popd
        echo espalier: the build failed; the lines above say why. 1>&2
        exit /b 1
    )
    popd
)

if defined ESPALIER_JAVA_HOME (
    set "JAVA=%ESPALIER_JAVA_HOME%\bin\java.exe"
) else if defined JAVA_HOME (
    set "JAVA=%JAVA_HOME%\bin\java.exe"
) else (
    set "JAVA=java.exe"
)

"%JAVA%" "@%FLAGS%" -jar "%JAR%" %*
exit /b %ERRORLEVEL%
