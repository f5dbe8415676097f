import './portal.css'
import { startCalculator } from './calculator.ts'
import { startCode } from './code.ts'
import { forgetProblems } from './problems.ts'
import { startProgress } from './progress.ts'
import { startSignup } from './signup.ts'

/** Every page works without this file; each part begins only where its element is. */
const calculator = document.querySelector<HTMLFormElement>('#calculator')
const signup = document.querySelector<HTMLFormElement>('#sign-up')
const code = document.querySelector<HTMLFormElement>('#code-form')
const progress = document.querySelector<HTMLElement>('#progress')

for (const form of document.querySelectorAll<HTMLFormElement>('form[method=post]')) forgetProblems(form)
if (calculator) startCalculator(calculator)
if (signup) startSignup(signup)
if (code) startCode(code)
if (progress) startProgress(progress)
